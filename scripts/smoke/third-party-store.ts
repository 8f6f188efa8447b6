import { cpSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PublishedPackage, readManifest, tarballOf } from '../published-packages.ts';
import type { Check } from '../run-checks.ts';
import { runCommand, tryCommand } from '../run-command.ts';

/** The runners, each by the script of the example that uses it. */
const runners = ['test:vitest', 'test:node', 'test:jest', 'test:mocha'];

/** What stands before the one line of the example whose loss breaks a rule, and which rule. */
const marker = /^.*\/\/ Without the next line: rule (\d+\.\d+)\.\n.*\n/m;

/**
 * Checks of `examples/third-party-store`, copied to `folder` and installed from the tarballs: the kit passes in every
 * runner, and once the store is broken fails in every runner and names the rule.
 */
export function thirdPartyStoreChecks(root: string, packages: readonly PublishedPackage[], folder: string): Check[] {
  let broken = '';
  return [
    { title: 'the third-party store installs from the tarballs', body: () => install(root, packages, folder) },
    ...runners.map((script) => ({
      title: `the third-party store passes ${script}`,
      body: () => runCommand('npm', ['run', script], folder),
    })),
    {
      title: 'the third-party store has a line to break it by',
      body: () => {
        broken = breakStore(folder);
      },
    },
    ...runners.map((script) => ({
      title: `the broken store fails ${script}, by the number of the rule`,
      body: () => checkFailure(script, broken, folder),
    })),
  ];
}

async function install(root: string, packages: readonly PublishedPackage[], folder: string): Promise<void> {
  cpSync(join(root, 'examples', 'third-party-store'), folder, {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  });
  const manifest = readManifest(join(folder, 'package.json'));
  const tarballs = Object.fromEntries(
    packages.map((published) => [published.manifest.name, `file:${tarballOf(root, published)}`]),
  );
  const fromTarballs = (dependencies: Readonly<Record<string, string>> = {}): Record<string, string> =>
    Object.fromEntries(Object.entries(dependencies).map(([name, range]) => [name, tarballs[name] ?? range]));
  const installed = {
    ...manifest,
    dependencies: fromTarballs(manifest.dependencies),
    devDependencies: fromTarballs(manifest.devDependencies),
    peerDependencies: fromTarballs(manifest.peerDependencies),
    overrides: tarballs,
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(installed, null, 2));
  await runCommand('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], folder);
}

/** Takes the marked line out, and gives the number of the rule that this breaks. */
function breakStore(folder: string): string {
  for (const file of globSync('**/*.{js,cjs,mjs,ts}', { cwd: folder, exclude: ['node_modules'] })) {
    const path = join(folder, file);
    const source = readFileSync(path, 'utf8');
    const rule = source.match(marker)?.[1];
    if (rule === undefined) continue;
    writeFileSync(path, source.replace(marker, ''));
    return rule;
  }
  throw new Error(`No file has a line like "// Without the next line: rule 1.2."`);
}

async function checkFailure(script: string, rule: string, folder: string): Promise<void> {
  const { exitCode, stdout, stderr } = await tryCommand('npm', ['run', script], folder);
  if (exitCode === 0) throw new Error('It passed.');
  if (!`${stdout}${stderr}`.includes(`Rule ${rule} `)) {
    throw new Error(`It failed, but not with "Rule ${rule}":\n${stdout}${stderr}`);
  }
}
