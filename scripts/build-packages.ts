/** Builds every published package and packs it into `dist-pack/`, as it would be published. */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { publishedPackages, tarballOf } from './published-packages.ts';
import { runChecks } from './run-checks.ts';
import { runCommand } from './run-command.ts';

const root = dirname(import.meta.dirname);
rmSync(join(root, 'dist-pack'), { recursive: true, force: true });
mkdirSync(join(root, 'dist-pack'));

await runChecks(
  publishedPackages(root).map((published) => ({
    title: `${published.manifest.name} builds and packs`,
    body: async () => {
      await runCommand('pnpm', ['run', 'build'], published.folder);
      await runCommand('pnpm', ['pack', '--out', tarballOf(root, published)], published.folder);
    },
  })),
);
