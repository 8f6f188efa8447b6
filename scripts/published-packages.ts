import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A target of an export: a path, or paths by condition. */
export type ExportTarget = string | { readonly [condition: string]: ExportTarget };

/** The part of a package.json that the scripts read. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly files?: readonly string[];
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, ExportTarget>>;
  readonly publishConfig?: {
    readonly access?: string;
    readonly provenance?: boolean;
    readonly exports?: Readonly<Record<string, ExportTarget>>;
  };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** A package of this workspace that is published. */
export interface PublishedPackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

export function publishedPackages(root: string): PublishedPackage[] {
  return globSync(['packages/*/package.json', 'conformance/package.json'], { cwd: root })
    .sort()
    .map((path) => ({ folder: join(root, dirname(path)), manifest: readManifest(join(root, path)) }))
    .filter(({ manifest }) => !manifest.private);
}

export function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** What code can import of a package. */
export interface Entry {
  /** What is written in the import. */
  readonly specifier: string;
  readonly hasCommonJs: boolean;
}

/** The entries of a package as it is published. */
export function entriesOf({ manifest: { name, publishConfig } }: PublishedPackage): Entry[] {
  return Object.entries(publishConfig?.exports ?? {})
    .filter(([entry]) => !entry.endsWith('.json'))
    .map(([entry, target]) => ({
      specifier: name + entry.slice('.'.length),
      hasCommonJs: typeof target === 'object' && 'require' in target,
    }));
}

/** Where `scripts/build-packages.ts` puts a package's tarball. */
export function tarballOf(root: string, { manifest: { name, version } }: PublishedPackage): string {
  return join(root, 'dist-pack', `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
}
