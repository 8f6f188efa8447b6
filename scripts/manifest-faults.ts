import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ExportTarget, Manifest, PublishedPackage } from './published-packages.ts';

const family = '@stet/';
const maxReadmeLines = 150;

/** What may be a runtime dependency; a driver or a framework is a peer, because the application brings its own. */
const allowedDependencies: Readonly<Record<string, RegExp>> = {
  '@stet/cli': /^@stet\//,
  // Who changes libraries brings the sessions along, as who changes stores does.
  '@stet/compat': /^@stet\/(core|tiered)$/,
  '@stet/http': /^(@stet\/core|cookie)$/,
  // The door for knex, which is a store of its own for those who had it first.
  '@stet/knex': /^@stet\/(core|sql)$/,
};
const allowedEverywhere = /^@stet\/core$/;

/** What sets a package apart from the others without need, a sentence each. */
export function manifestFaults(published: PublishedPackage, engines: Manifest['engines']): string[] {
  return [
    ...fieldFaults(published, engines),
    ...fileFaults(published),
    ...exportFaults(published),
    ...dependencyFaults(published.manifest),
  ];
}

function fieldFaults({ folder, manifest }: PublishedPackage, engines: Manifest['engines']): string[] {
  const name = folder.split('/').at(-1);
  const expected: Record<string, unknown> = {
    name: `${family}${name}`,
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    engines,
  };
  const faults = Object.entries(expected)
    .filter(([field, value]) => !isDeepStrictEqual(manifest[field], value))
    .map(([field, value]) => `"${field}" is ${JSON.stringify(manifest[field])}, not ${JSON.stringify(value)}`);
  for (const field of ['version', 'description', 'keywords']) {
    if (!manifest[field]) faults.push(`"${field}" is missing`);
  }
  for (const file of ['dist', 'README.md', 'CHANGELOG.md']) {
    if (!manifest.files?.includes(file)) faults.push(`"files" lacks ${file}`);
  }
  const { access, provenance } = manifest.publishConfig ?? {};
  if (access !== 'public' || provenance !== true) {
    faults.push('"publishConfig" does not say "access": "public", "provenance": true');
  }
  return faults;
}

function fileFaults({ folder }: PublishedPackage): string[] {
  const faults = ['README.md', 'tsconfig.json', 'tsup.config.ts']
    .filter((file) => !existsSync(join(folder, file)))
    .map((file) => `${file} is missing`);
  const readme = join(folder, 'README.md');
  const lines = existsSync(readme) ? readFileSync(readme, 'utf8').trimEnd().split('\n').length : 0;
  if (lines > maxReadmeLines) faults.push(`README.md has ${lines} lines; ${maxReadmeLines} are the most`);
  return faults;
}

/**
 * The map for the workspace leads to sources, the one for publishing to what is built from them, under the same names.
 */
function exportFaults({ folder, manifest }: PublishedPackage): string[] {
  const inWorkspace = manifest.exports ?? {};
  const inPublished = manifest.publishConfig?.exports ?? {};
  if (!isDeepStrictEqual(Object.keys(inWorkspace), Object.keys(inPublished))) {
    return ['"exports" and "publishConfig.exports" do not have the same entries in the same order'];
  }
  return Object.entries(inWorkspace).flatMap(([entry, source]) => {
    if (typeof source !== 'string') return [`"exports" of ${entry} is not one path`];
    if (!existsSync(join(folder, source))) return [`"exports" of ${entry}: there is no ${source}`];
    const expected = source.endsWith('.ts') ? builtTargets(entry) : [source];
    const fits = expected.some((target) => isDeepStrictEqual(inPublished[entry], target));
    return fits ? [] : [`"publishConfig.exports" of ${entry} is not ${JSON.stringify(expected[0])}`];
  });
}

/** What an entry may be published as: ESM and CommonJS, or ESM alone, each with its types. */
function builtTargets(entry: string): ExportTarget[] {
  const path = `./dist/${entry === '.' ? 'index' : entry.slice('./'.length)}`;
  const esm = { types: `${path}.d.ts`, default: `${path}.js` };
  const commonJs = { types: `${path}.d.cts`, default: `${path}.cjs` };
  return [{ import: esm, require: commonJs }, { import: esm }];
}

function dependencyFaults(manifest: Manifest): string[] {
  const allowed = allowedDependencies[manifest.name] ?? allowedEverywhere;
  const faults = Object.keys(manifest.dependencies ?? {})
    .filter((name) => !allowed.test(name))
    .map((name) => `${name} is a runtime dependency; make it a peer`);
  const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies };
  for (const [name, range] of Object.entries(all)) {
    if (name.startsWith(family) && range !== 'workspace:^') faults.push(`${name} is ${range}, not workspace:^`);
  }
  for (const [name, range] of Object.entries(manifest.devDependencies ?? {})) {
    if (!name.startsWith(family) && range !== 'catalog:') faults.push(`${name} is ${range}, not catalog:`);
  }
  for (const name of Object.keys(manifest.peerDependencies ?? {})) {
    if (!manifest.devDependencies?.[name])
      faults.push(`the peer ${name} is no devDependency, so nothing is tested with it`);
  }
  return faults;
}

/** The peers of which two packages ask for different ranges, a sentence each. */
export function peerFaults(packages: readonly PublishedPackage[]): string[] {
  const seen = new Map<string, { range: string; by: string }>();
  const faults: string[] = [];
  for (const { manifest } of packages) {
    for (const [peer, range] of Object.entries(manifest.peerDependencies ?? {})) {
      const first = seen.get(peer) ?? { range, by: manifest.name };
      seen.set(peer, first);
      if (first.range !== range) {
        faults.push(`${manifest.name} asks for ${peer} ${range}, ${first.by} for ${first.range}`);
      }
    }
  }
  return faults;
}
