import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Entry, entriesOf, type PublishedPackage, readManifest, tarballOf } from '../published-packages.ts';
import type { Check } from '../run-checks.ts';
import { runCommand, tryCommand } from '../run-command.ts';

/**
 * Checks of a project in `folder` that has installed the tarballs, with their peers, and imports every entry of each.
 */
export function packedConsumerChecks(root: string, packages: readonly PublishedPackage[], folder: string): Check[] {
  const entries = packages.flatMap(entriesOf);
  return [
    { title: 'npm installs all packages from their tarballs', body: () => installTarballs(root, packages, folder) },
    ...entries.map((entry) => ({
      title: `${entry.specifier} can be imported`,
      body: () => checkImport(entry, folder),
    })),
    { title: 'a StoreError of either build is recognised by the other', body: () => checkErrorBrand(folder) },
    ...packages.flatMap((published) => [
      {
        title: `the types of ${published.manifest.name} compile in ESM`,
        body: () => checkTypes(root, published, 'mts', folder),
      },
      {
        title: `the types of ${published.manifest.name} compile in CommonJS`,
        body: () => checkTypes(root, published, 'cts', folder),
      },
    ]),
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
     import { basename, join } from 'node:path';
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

/**
 * Each package in a program of its own, because two frameworks that both declare `request.session` cannot be in one.
 * What is wrong in the declarations of others is theirs.
 */
async function checkTypes(
  root: string,
  published: PublishedPackage,
  kind: 'mts' | 'cts',
  folder: string,
): Promise<void> {
  const lines = entriesOf(published)
    .filter(({ hasCommonJs }) => kind === 'mts' || hasCommonJs)
    .map(({ specifier }, at) =>
      kind === 'mts' ? `import * as m${at} from '${specifier}';` : `import m${at} = require('${specifier}');`,
    );
  const file = `${basename(published.folder)}.${kind}`;
  writeFileSync(join(folder, file), [...lines, ...lines.map((_, at) => `void m${at};`)].join('\n'));
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
  const { exitCode, stdout } = await tryCommand(
    tsc,
    [...options, '--pretty', 'false', '--skipLibCheck', 'false', file],
    folder,
  );
  const faults = stdout.split('\n').filter((line) => line.includes(': error '));
  if (exitCode !== 0 && faults.length === 0) throw new Error(stdout);
  const ours = faults.filter((line) => !/^node_modules\/(?!@stet\/)/.test(line));
  if (ours.length > 0) throw new Error(ours.join('\n'));
}
