import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Entry, entriesOf, type PublishedPackage, readManifest, tarballOf } from '../published-packages.ts';
import type { Check } from '../run-checks.ts';
import { runCommand } from '../run-command.ts';

/** Checks of a project in `folder` that has installed the tarballs, with their peers, and imports every entry of each. */
export function packedConsumerChecks(root: string, packages: readonly PublishedPackage[], folder: string): Check[] {
  const entries = packages.flatMap(entriesOf);
  return [
    { title: 'npm installs all packages from their tarballs', body: () => installTarballs(root, packages, folder) },
    ...entries.map((entry) => ({
      title: `${entry.specifier} can be imported`,
      body: () => checkImport(entry, folder),
    })),
    { title: 'a StoreError of either build is recognised by the other', body: () => checkErrorBrand(folder) },
    { title: 'the types compile in ESM', body: () => checkTypes(root, 'imports.mts', imports(entries), folder) },
    { title: 'the types compile in CommonJS', body: () => checkTypes(root, 'requires.cts', requires(entries), folder) },
  ];
}

async function installTarballs(root: string, packages: readonly PublishedPackage[], folder: string): Promise<void> {
  const dependencies: Record<string, string> = { '@types/node': installedVersion(root, '@types/node') };
  for (const { folder: source, manifest } of packages) {
    for (const peer of Object.keys(manifest.peerDependencies ?? {})) {
      for (const name of [peer, `@types/${peer}`]) {
        if (manifest.devDependencies?.[name]) dependencies[name] = installedVersion(source, name);
      }
    }
  }
  for (const published of packages) dependencies[published.manifest.name] = `file:${tarballOf(root, published)}`;
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }, null, 2));
  await runCommand('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], folder);
}

function installedVersion(folder: string, name: string): string {
  return readManifest(join(folder, 'node_modules', name, 'package.json')).version;
}

/** Both builds of an entry load, and export the same names. */
async function checkImport({ specifier, hasCommonJs }: Entry, folder: string): Promise<void> {
  const esm = await exportedNames('module', `await import('${specifier}')`, folder);
  if (esm === '') throw new Error('The ESM build exports nothing.');
  if (!hasCommonJs) return;
  const commonJs = await exportedNames('commonjs', `require('${specifier}')`, folder);
  if (esm !== commonJs) throw new Error(`The ESM build exports ${esm}; the CommonJS build exports ${commonJs}.`);
}

function exportedNames(inputType: 'module' | 'commonjs', loaded: string, folder: string): Promise<string> {
  return evaluate(inputType, `process.stdout.write(Object.keys(${loaded}).sort().join(', '))`, folder);
}

function checkErrorBrand(folder: string): Promise<string> {
  return evaluate(
    'module',
    `import * as esm from '@stet/core';
     import assert from 'node:assert';
     import { createRequire } from 'node:module';
     import { join } from 'node:path';
     const commonJs = createRequire(join(process.cwd(), 'package.json'))('@stet/core');
     assert.notEqual(esm.StoreError, commonJs.StoreError, 'two builds are two classes');
     assert(esm.isStoreError(new commonJs.StoreError('STORE_CLOSED', '')));
     assert(commonJs.isStoreError(new esm.StoreError('STORE_CLOSED', '')));
     assert(!esm.isStoreError(new Error('STORE_CLOSED')));`,
    folder,
  );
}

function evaluate(inputType: 'module' | 'commonjs', source: string, folder: string): Promise<string> {
  return runCommand('node', [`--input-type=${inputType}`, '--eval', source], folder);
}

function imports(entries: readonly Entry[]): string {
  return entries.map(({ specifier }, i) => `import * as m${i} from '${specifier}';\nvoid m${i};\n`).join('');
}

function requires(entries: readonly Entry[]): string {
  return entries
    .filter(({ hasCommonJs }) => hasCommonJs)
    .map(({ specifier }, i) => `import m${i} = require('${specifier}');\nvoid m${i};\n`)
    .join('');
}

async function checkTypes(root: string, file: string, source: string, folder: string): Promise<void> {
  writeFileSync(join(folder, file), source);
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
  await runCommand(tsc, [...options, '--skipLibCheck', 'false', file], folder);
}
