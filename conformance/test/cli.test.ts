import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { ConformanceReport } from '../src/index.ts';

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'conformance-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [file('../src/cli.ts'), ...args], { encoding: 'utf8' });
}

const memory = file('./fixtures/memory-target.ts');
const broken = file('./fixtures/broken-targets.ts');

describe('stet-conformance', () => {
  test('exits with 0 and counts where all rules are kept', () => {
    const { status, stdout, stderr } = run(memory, '--only', '1,3.2');
    expect(stderr).toBe('');
    expect(stdout).toContain('MemoryStore keeps the store contract: 10 passed, 0 failed, 1 skipped, 0 untested');
    expect(stdout).toContain('skipped, for the target has no faults.loseReply: 1.9');
    expect(status).toBe(0);
  });

  test('exits with 1 for a broken MUST, and names the rule', () => {
    const { status, stdout } = run(broken, '--only', '4.1');
    expect(stdout).toContain('Rule 4.1 (MUST) is broken by breaks a MUST: touch extends');
    expect(stdout).toContain('  intent:   ');
    expect(status).toBe(1);
  });

  test('exits with 0 for a broken SHOULD, and reports it', () => {
    const { status, stdout } = run(broken, '--only', '13.6');
    expect(stdout).toContain('Rule 13.6 (SHOULD) is broken by breaks a SHOULD');
    expect(status).toBe(0);
  });

  test('leaves SHOULD rules out with --level MUST', () => {
    expect(run(broken, '--only', '13.6', '--level', 'MUST').stdout).not.toContain('13.6');
  });

  test.each([
    [[], 'name one module'],
    [['a.js', 'b.js'], 'name one module'],
    [['no-such-module.js'], 'cannot be imported'],
    [[memory, '--only', '99.1'], 'no rule and no section 99.1'],
    [[memory, '--reporter', 'xml'], 'no reporter xml'],
    [[memory, '--level', 'MAY'], 'no level MAY'],
    [[memory, '--frobnicate'], 'frobnicate'],
    [[file('./cli.test.ts').replace('cli.test.ts', 'fixtures/json-lines.ts')], 'exports no target'],
  ])('exits with 2 and shows the usage for %j', (args, message) => {
    const { status, stderr } = run(...args);
    expect(stderr).toContain(message);
    expect(stderr).toContain('Usage: stet-conformance');
    expect(status).toBe(2);
  });

  test('writes the report as JSON into a file', () => {
    const output = join(folder, 'report.json');
    const { status, stdout } = run(memory, '--only', '0', '--reporter', 'json', '--output', output);
    expect([status, stdout]).toEqual([0, '']);
    const report = JSON.parse(readFileSync(output, 'utf8')) as ConformanceReport;
    expect(report).toMatchObject({ target: 'MemoryStore', conforms: true, counts: { passed: 4, failed: 0 } });
    expect(report.results.map(({ id }) => id)).toEqual(['0.1', '0.2', '0.3', '0.4']);
  });

  test('speaks TAP', () => {
    const { stdout } = run(broken, '--only', '4.1,12.10', '--reporter', 'tap');
    expect(stdout).toContain('TAP version 13\n1..2\nnot ok 1 - 4.1 touch');
    expect(stdout).toMatch(/ {2}---\n {2}expected: ".*"\n {2}found: ".*"\n {2}\.\.\.\nok 2 - 12\.10 .* # SKIP cursors/);
  });

  test('speaks Markdown', () => {
    const { stdout } = run(broken, '--only', '4.1', '--reporter', 'markdown');
    expect(stdout).toContain('# breaks a MUST\n\n**Breaks** the store contract');
    expect(stdout).toMatch(/\| 4\.1 \| MUST \| failed \| touch extends .* Expected .*; found .* \|/);
  });
});
