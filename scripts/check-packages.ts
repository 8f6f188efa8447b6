/** Checks that every published package has the same skeleton, and that nothing of one machine is in the repository. */
import { dirname } from 'node:path';
import { longLines } from './long-lines.ts';
import { machineFaults } from './machine-faults.ts';
import { manifestFaults, peerFaults } from './manifest-faults.ts';
import { publishedPackages, readManifest } from './published-packages.ts';
import { runChecks } from './run-checks.ts';

const root = dirname(import.meta.dirname);
const packages = publishedPackages(root);
const { engines } = readManifest(`${root}/package.json`);

await runChecks([
  ...packages.map((published) => ({
    title: `${published.manifest.name} has the skeleton of a package`,
    body: () => none(manifestFaults(published, engines)),
  })),
  { title: 'packages ask for the same range of a peer', body: () => none(peerFaults(packages)) },
  { title: 'no line of a document or a comment is too long', body: async () => none(await longLines(root)) },
  { title: 'no file names a machine or a registry', body: async () => none(await machineFaults(root)) },
]);

function none(faults: readonly string[]): void {
  if (faults.length > 0) throw new Error(faults.join('\n'));
}
