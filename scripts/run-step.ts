import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { parseTally, type Tally } from './tally.ts';

/** One step of `npm test`: a program that ends with a tally, or counts as one test by its exit code. */
export interface Step {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
}

/** Where the output of a step goes, as it comes. */
type Write = (text: string) => void;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a step to its end and counts what it did. A step that fails without saying what, that counted nothing, or that
 * takes longer than `deadlineMs` has one failure. A signal to this process ends the step with all that it started, then
 * this process.
 */
export async function runStep(step: Step, cwd: string, deadlineMs: number, write: Write): Promise<Tally> {
  const { exitCode, output } = await runToEnd(step, cwd, deadlineMs, write);
  const tally = parseTally(output);
  if (!tally) return exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const failed = exitCode === 0 && tally.passed > 0 ? tally.failed : Math.max(tally.failed, 1);
  return { passed: tally.passed, failed };
}

function runToEnd(
  { command: [program, ...args] }: Step,
  cwd: string,
  deadlineMs: number,
  write: Write,
): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    const color = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
    const env = { ...process.env, ...color };
    // In a process group of its own, so that one signal ends whatever the step started.
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    const kill = (signal: NodeJS.Signals): void => {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    };
    let interruption: NodeJS.Signals | undefined;
    const interrupt = (signal: NodeJS.Signals): void => {
      interruption = signal;
      kill(signal);
    };
    for (const signal of signals) process.on(signal, interrupt);
    const deadline = setTimeout(() => {
      write(`\nNot done within ${deadlineMs / 1000} s: killed.\n`);
      kill('SIGKILL');
    }, deadlineMs);

    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      write(text);
    });
    child.on('error', (error) => write(`${program} could not be started: ${error.message}\n`));
    child.on('close', (code) => {
      clearTimeout(deadline);
      for (const signal of signals) process.off(signal, interrupt);
      if (interruption) process.exit(128 + constants.signals[interruption]);
      resolve({ exitCode: code ?? 1, output });
    });
  });
}
