/**
 * Checks that the changesets name packages of this workspace, and that none waits for its first release without one.
 */
import { dirname } from 'node:path';
import { readChangesets } from '@changesets/read';
import { publishedPackages } from './published-packages.ts';
import { runChecks } from './run-checks.ts';

const root = dirname(import.meta.dirname);
const packages = publishedPackages(root);
const names = new Set(packages.map(({ manifest }) => manifest.name));
const changesets = await readChangesets(root);
const planned = new Set(changesets.flatMap(({ releases }) => releases.map(({ name }) => name)));

await runChecks([
  ...changesets.map(({ id, summary, releases }) => ({
    title: `.changeset/${id}.md says what changes in which package`,
    body: () => {
      if (summary.trim() === '') throw new Error('It has no text for the changelog.');
      const strangers = releases.filter(({ name }) => !names.has(name));
      if (strangers.length > 0) throw new Error(`No such package: ${strangers.map(({ name }) => name).join(', ')}`);
    },
  })),
  ...packages
    .filter(({ manifest }) => manifest.version === '0.0.0')
    .map(({ manifest: { name } }) => ({
      title: `${name} has a changeset for its first release`,
      body: () => {
        if (!planned.has(name)) throw new Error(`No file in .changeset/ names ${name}.`);
      },
    })),
]);
