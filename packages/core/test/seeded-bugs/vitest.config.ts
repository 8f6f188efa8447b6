import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { bugs } from './bugs.ts';

const bug = bugs.find(({ name }) => name === process.env.STET_SEEDED_BUG);

/** Runs the tests of this package over sources that have the bug named in STET_SEEDED_BUG. */
const config: ViteUserConfig = defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/*.test.ts'],
    exclude: ['test/seeded-bugs.test.ts'],
    bail: 1,
    testTimeout: 60_000,
    maxWorkers: 1,
    // A cached module would be without the bug, or with the one before.
    fsModuleCache: false,
  },
  plugins: [
    {
      name: 'seeded-bug',
      enforce: 'pre',
      transform(code, id) {
        if (!bug || !id.endsWith(`/core/src/${bug.file}`)) return;
        if (code.split(bug.from).length !== 2) throw new Error(`“${bug.name}” must match exactly once in ${bug.file}`);
        return code.replace(bug.from, () => bug.to);
      },
    },
  ],
});

export default config;
