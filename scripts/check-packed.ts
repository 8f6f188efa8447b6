/** Checks the tarballs in `dist-pack/`: what is in them, and that every resolver finds code and matching types. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { entriesOf, type PublishedPackage, publishedPackages, tarballOf } from './published-packages.ts';
import { runChecks } from './run-checks.ts';
import { runCommand } from './run-command.ts';

const root = dirname(import.meta.dirname);
const bin = (tool: string): string => join(root, 'node_modules', '.bin', tool);

await runChecks(
  publishedPackages(root).flatMap((published) => {
    const { name } = published.manifest;
    const tarball = tarballOf(root, published);
    return [
      { title: `${name}: the tarball holds what it should`, body: () => checkContents(tarball) },
      { title: `${name}: publint`, body: () => runCommand(bin('publint'), ['run', tarball, '--strict'], root) },
      { title: `${name}: are the types wrong?`, body: () => checkTypes(published, tarball) },
    ];
  }),
);

/** An entry that is ESM alone is judged as such: nothing that requires it has to find it. */
async function checkTypes(published: PublishedPackage, tarball: string): Promise<void> {
  const esmOnly = entriesOf(published)
    .filter(({ hasCommonJs }) => !hasCommonJs)
    .map(({ specifier }) => specifier.slice(published.manifest.name.length + '/'.length));
  const attw = (...args: string[]): Promise<string> => runCommand(bin('attw'), [tarball, '--no-color', ...args], root);
  if (esmOnly.length === 0) await attw('--profile', 'node16');
  else {
    await attw('--profile', 'node16', '--exclude-entrypoints', ...esmOnly);
    await attw('--profile', 'esm-only', '--entrypoints', ...esmOnly);
  }
}

async function checkContents(tarball: string): Promise<void> {
  if (!existsSync(tarball)) throw new Error('There is no tarball: node scripts/build-packages.ts makes it.');
  const files = (await runCommand('tar', ['-tzf', tarball], root)).trim().split('\n');
  for (const file of ['LICENSE', 'README.md', 'package.json']) {
    if (!files.includes(`package/${file}`)) throw new Error(`${file} is missing.`);
  }
  const strays = files.filter((file) => /^package\/(src|test)\/|\.(tsbuildinfo|map|tgz)$/.test(file));
  if (strays.length > 0) throw new Error(`These do not belong there: ${strays.join(', ')}`);
  const packed = await runCommand('tar', ['-xzOf', tarball, 'package/package.json'], root);
  const unresolved = packed.match(/"(workspace|catalog):.*"/);
  if (unresolved) throw new Error(`package.json says ${unresolved[0]}, which only this workspace understands.`);
}
