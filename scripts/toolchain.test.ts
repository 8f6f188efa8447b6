import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'stet-toolchain-'));
const tools = join(root, '.toolchain');
const started: ChildProcess[] = [];

/** A workspace that holds nothing but the toolchain and a command, on a machine whose pnpm is too old. */
beforeAll(() => {
  mkdirSync(join(root, 'scripts'));
  cpSync(join(import.meta.dirname, 'toolchain.mjs'), join(root, 'scripts', 'toolchain.mjs'));
  writeFileSync(join(root, 'package.json'), '{ "private": true }');
  writeFileSync(join(root, 'pnpm-workspace.yaml'), 'packages: []\npmOnFail: ignore\n');
  writeFileSync(
    join(root, 'scripts', 'report.ts'),
    `const [exitCode, wait]: string[] = process.argv.slice(2);
     console.log('report', process.version.split('.')[0]);
     process.on('SIGTERM', () => process.exit(Number(exitCode)));
     if (wait) setInterval(() => {}, 1_000);
     else process.exit(Number(exitCode));`,
  );
  mkdirSync(join(root, 'old'));
  writeFileSync(join(root, 'old', 'pnpm'), '#!/bin/sh\necho 9.0.0\n', { mode: 0o755 });
});

afterAll(() => {
  for (const child of started) if (child.exitCode === null && child.signalCode === null) killWhole(child);
  rmSync(root, { recursive: true });
});

function start(...args: string[]): { child: ChildProcess; output: () => string; ended: Promise<number | null> } {
  const env = { ...process.env, PATH: `${join(root, 'old')}${delimiter}${process.env.PATH}` };
  const command = [join(root, 'scripts', 'toolchain.mjs'), ...args];
  const child = spawn(process.execPath, command, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = once(child, 'close', { signal: AbortSignal.timeout(120_000) }).then(
    ([code]) => code,
    () => {
      throw new Error(`Still running after two minutes, having said:\n${output}`);
    },
  );
  return { child, output: () => output, ended };
}

function killWhole(child: ChildProcess): void {
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(10);
}

function stagings(): string[] {
  return existsSync(tools) ? readdirSync(tools).filter((name) => name.startsWith('staging-')) : [];
}

test('neither a killed run nor two at once leave a broken toolchain', { timeout: 300_000 }, async () => {
  const killed = start('report', '0');
  await until(() => stagings().some((name) => existsSync(join(tools, name, 'package.json'))));
  killWhole(killed.child);
  await killed.ended;
  const abandoned = stagings();
  expect(abandoned).toHaveLength(1);

  const runs = [start('report', '0'), start('report', '0')];
  expect(await Promise.all(runs.map(({ ended }) => ended))).toEqual([0, 0]);
  for (const { output } of runs) expect(output()).toContain('report v24');
  expect(stagings()).toEqual(abandoned);
  expect(readdirSync(tools).filter((name) => name.startsWith('node-'))).toHaveLength(1);

  const later = start('report', '0');
  expect(await later.ended).toBe(0);
  expect(later.output()).not.toContain('Installing');
});

test('the exit code of the command is passed on', async () => {
  expect(await start('report', '7').ended).toBe(7);
});

test('a signal reaches the command, which decides how to end', async () => {
  const { child, output, ended } = start('report', '5', 'wait');
  await until(() => output().includes('report'));
  child.kill('SIGTERM');
  expect(await ended).toBe(5);
});

test('an unknown command is refused before anything is installed', async () => {
  const { output, ended } = start('absent');
  expect(await ended).toBe(1);
  expect(output()).toContain('There is no scripts/absent.ts.');
});
