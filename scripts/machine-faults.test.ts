import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { machineFaults } from './machine-faults.ts';
import { runCommand } from './run-command.ts';

const root = mkdtempSync(join(tmpdir(), 'stet-machine-'));
beforeAll(() => runCommand('git', ['init', '--quiet'], root));
afterAll(() => rmSync(root, { recursive: true }));

const home = ['', 'home', 'ada'].join('/');
const registry = ['registry', 'npmjs', 'org'].join('.');

test.each<[what: string, file: string, line: string, isFault: boolean]>([
  ['a home folder', 'a.md', `Look into ${home}/stet.`, true],
  ['a registry', 'a.ts', `fetch('https://${registry}/x')`, true],
  ['a URL in the lockfile', 'pnpm-lock.yaml', `resolution: {tarball: https://mirror.example/x.tgz}`, true],
  ['an integrity in the lockfile', 'pnpm-lock.yaml', 'resolution: {integrity: sha512-abc==}', false],
  ['a path of a URL', 'a.md', 'See https://example.org/home/page.', false],
  ['a relative path', 'a.md', 'Look into docs/home/page.', false],
])('%s', async (_, file, line, isFault) => {
  writeFileSync(join(root, file), `first\n${line}\n`);
  await runCommand('git', ['add', file], root);
  expect(await machineFaults(root)).toEqual(isFault ? [`${file}:2: ${line}`] : []);
  await runCommand('git', ['rm', '--quiet', '--force', file], root);
});
