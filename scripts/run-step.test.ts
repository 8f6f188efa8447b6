import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runStep, type Step } from './run-step.ts';
import type { Tally } from './tally.ts';

const folder = mkdtempSync(join(tmpdir(), 'stet-run-step-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each<[what: string, source: string, expected: Tally]>([
  ['a success without a tally is one test', '', { passed: 1, failed: 0 }],
  ['a failure without a tally is one failure', 'process.exit(3)', { passed: 0, failed: 1 }],
  ['a tally counts', 'console.log("5 passed, 2 failed"); process.exit(1)', { passed: 5, failed: 2 }],
  ['the last tally counts', 'console.log("9 passed, 9 failed\\n4 passed, 0 failed\\nbye")', { passed: 4, failed: 0 }],
  ['tests that did not run are a failure', 'console.log("0 passed, 0 failed")', { passed: 0, failed: 1 }],
  ['a failure beside the tests counts', 'console.log("5 passed, 0 failed"); process.exit(1)', { passed: 5, failed: 1 }],
  ['a killed step is a failure', 'process.kill(process.pid, "SIGKILL")', { passed: 0, failed: 1 }],
])('%s', async (_, source, expected) => {
  expect((await run(nodeStep(source))).tally).toEqual(expected);
});

test('a program that is not there is a failure', async () => {
  const step = { name: 'absent', command: [join(folder, 'absent')] } as const;
  const { tally, output } = await run(step);
  expect(tally).toEqual({ passed: 0, failed: 1 });
  expect(output).toContain('could not be started');
});

test('what a step prints is passed on', async () => {
  expect((await run(nodeStep('console.log("one\\n2 passed, 0 failed")'))).output).toBe('one\n2 passed, 0 failed\n');
});

test('a step that hangs is killed with everything that it started', async () => {
  const hangWithChild = `
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    console.log('child ' + child.pid);
    setInterval(() => {}, 1000);`;
  // The step's output closes only once nobody holds it: that this settles means that the child is gone, too.
  const { tally, output } = await run(nodeStep(hangWithChild), 1_000);
  expect(tally).toEqual({ passed: 0, failed: 1 });
  expect(output).toMatch(/^child \d+\n\nNot done within 1 s: killed\.\n$/);
});

test('a signal ends the step, and then the process that ran it', async () => {
  const runner = `
    import { runStep } from ${JSON.stringify(join(import.meta.dirname, 'run-step.ts'))};
    const source = 'process.on("SIGTERM", () => { console.log("step ended"); process.exit(0); }); console.log("ready"); setInterval(() => {}, 1000)';
    const step = { name: 'wait', command: [process.execPath, '-e', source] };
    await runStep(step, process.cwd(), 30_000, (text) => process.stdout.write(text));
    console.log('went on');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', runner], { cwd: folder });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (text.includes('ready')) child.kill('SIGTERM');
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(128 + 15);
  expect(output).toBe('ready\nstep ended\n');
});

/** Runs a step whose output is kept from the output of these tests: that has a tally of its own. */
async function run(step: Step, deadlineMs = 30_000): Promise<{ tally: Tally; output: string }> {
  let output = '';
  const tally = await runStep(step, folder, deadlineMs, (text) => {
    output += text;
  });
  return { tally, output };
}

function nodeStep(source: string) {
  return { name: 'node', command: [process.execPath, '-e', source] } as const;
}
