import type { Options } from 'tsup';

/** What every published package is built to: ESM and CommonJS, each with its own declarations. */
export const base: Options = {
  format: ['esm', 'cjs'],
  dts: true,
  target: 'node22',
  clean: true,
  // tsup's default strips `node:`, which turns `node:test` into a package that does not exist.
  removeNodeProtocol: false,
};
