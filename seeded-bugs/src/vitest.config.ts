import { join } from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import type { SeededRun } from './seeded-bug.ts';

const { packageFolder, bug } = JSON.parse(process.env.STET_SEEDED_BUG ?? '{}') as SeededRun;

/** Runs the tests of one package over sources that have one bug. */
const config: ViteUserConfig = defineConfig({
  root: packageFolder,
  test: {
    include: ['test/*.test.ts'],
    exclude: ['test/seeded-bugs.test.ts'],
    bail: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
    // A cached module would be without the bug, or with the one before.
    fsModuleCache: false,
  },
  plugins: [
    {
      name: 'seeded-bug',
      enforce: 'pre',
      transform: (code, id) =>
        bug && id === join(packageFolder, 'src', bug.file) ? code.replace(bug.from, () => bug.to) : undefined,
    },
  ],
});

export default config;
