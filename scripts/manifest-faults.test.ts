import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { manifestFaults, peerFaults } from './manifest-faults.ts';
import type { Manifest } from './published-packages.ts';

const engines = { node: '>=22.18' };
const temporary = mkdtempSync(join(tmpdir(), 'stet-manifest-'));
const folder = join(temporary, 'sample');

beforeAll(() => {
  mkdirSync(join(folder, 'src'), { recursive: true });
  for (const file of ['src/index.ts', 'src/extra.ts', 'tsconfig.json', 'tsup.config.ts'])
    writeFileSync(join(folder, file), '');
  writeReadme(150);
});
afterAll(() => rmSync(temporary, { recursive: true }));

function writeReadme(lines: number): void {
  writeFileSync(join(folder, 'README.md'), 'line\n'.repeat(lines));
}

function built(name: string) {
  return {
    import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
    require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
  };
}

const sound: Manifest = {
  name: '@stet/sample',
  version: '0.0.0',
  description: 'A sample',
  keywords: ['sample'],
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  engines,
  files: ['dist', 'README.md', 'CHANGELOG.md'],
  exports: { '.': './src/index.ts', './extra': './src/extra.ts', './package.json': './package.json' },
  publishConfig: {
    access: 'public',
    provenance: true,
    exports: { '.': built('index'), './extra': built('extra'), './package.json': './package.json' },
  },
  devDependencies: { '@stet/core': 'workspace:^', ioredis: 'catalog:' },
  peerDependencies: { '@stet/core': 'workspace:^', ioredis: '^5' },
};

test('a sound package has no faults', () => {
  writeFileSync(join(folder, 'package.json'), '{}');
  expect(manifestFaults({ folder, manifest: sound }, engines)).toEqual([]);
});

test('an entry may be ESM alone', () => {
  const exports = { ...sound.publishConfig?.exports, './extra': { import: built('extra').import } };
  const manifest = { ...sound, publishConfig: { ...sound.publishConfig, exports } };
  expect(manifestFaults({ folder, manifest }, engines)).toEqual([]);
});

const publishedExports = sound.publishConfig?.exports ?? {};

test.each<[fault: string, change: Partial<Manifest>]>([
  ['"name" is "@stet/other"', { name: '@stet/other' }],
  ['"license" is "ISC"', { license: 'ISC' }],
  ['"engines" is {"node":">=20"}', { engines: { node: '>=20' } }],
  ['"description" is missing', { description: '' }],
  ['"files" lacks CHANGELOG.md', { files: ['dist', 'README.md'] }],
  ['"publishConfig" does not say', { publishConfig: { access: 'public', exports: publishedExports } }],
  ['do not have the same entries', { exports: { '.': './src/index.ts' } }],
  ['there is no ./src/gone.ts', { exports: { ...sound.exports, './extra': './src/gone.ts' } }],
  [
    '"publishConfig.exports" of ./extra is not',
    { publishConfig: { ...sound.publishConfig, exports: { ...publishedExports, './extra': built('index') } } },
  ],
  ['left-pad is a runtime dependency', { dependencies: { 'left-pad': '1.3.0' } }],
  ['@stet/core is ^1.0.0, not workspace:^', { peerDependencies: { '@stet/core': '^1.0.0' } }],
  ['ioredis is 5.0.0, not catalog:', { devDependencies: { '@stet/core': 'workspace:^', ioredis: '5.0.0' } }],
  ['the peer knex is no devDependency', { peerDependencies: { knex: '^3' } }],
])('%s', (fault, change) => {
  const faults = manifestFaults({ folder, manifest: { ...sound, ...change } }, engines);
  expect(faults).toEqual([expect.stringContaining(fault)]);
});

test('a README of more than 150 lines is a fault', () => {
  writeReadme(151);
  expect(manifestFaults({ folder, manifest: sound }, engines)).toEqual(['README.md has 151 lines; 150 are the most']);
  writeReadme(150);
});

test('two ranges of one peer are a fault', () => {
  const other = { ...sound, name: '@stet/other', peerDependencies: { ioredis: '^4' } };
  const packages = [sound, other].map((manifest) => ({ folder, manifest }));
  expect(peerFaults(packages)).toEqual(['@stet/other asks for ioredis ^4, @stet/sample for ^5']);
});
