import { defineConfig } from 'tsup';
import { base } from '../tsup.base.ts';

export default defineConfig([
  // Two builds into one folder at once: the script cleans it, before both.
  {
    ...base,
    clean: false,
    entry: {
      index: 'src/index.ts',
      vitest: 'src/bindings/vitest.ts',
      node: 'src/bindings/node.ts',
      globals: 'src/bindings/globals.ts',
    },
    // The forked worker is found beside the module that forks it, by `import.meta.url`.
    shims: true,
  },
  {
    ...base,
    entry: { cli: 'src/cli.ts', 'second-process-worker': 'src/run/second-process-worker.ts' },
    format: ['esm'],
    dts: false,
    clean: false,
  },
]);
