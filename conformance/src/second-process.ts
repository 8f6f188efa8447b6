import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ConformanceTarget, StoreSettings } from './target.ts';

/** One call of a store's method. */
export interface StoreCall {
  readonly method: 'load' | 'create' | 'update' | 'touch' | 'delete' | 'deleteExpired';
  readonly args: readonly unknown[];
}

/** What is sent to a second process. */
export interface Task {
  readonly settings: StoreSettings;
  /** When to begin, in Unix milliseconds, so that both processes do at once. */
  readonly startAt: number;
  readonly work: { readonly calls: readonly StoreCall[] } | { readonly increment: string; readonly times: number };
}

/** What comes back: what the work resolved to, or how it failed. */
export type TaskReply = { readonly done: readonly unknown[] } | { readonly failed: string };

/** Another process with stores of the same target. */
export interface SecondProcess {
  /** Makes the calls all at once in a store of these settings, and resolves to what each of them resolved to. */
  run(task: Task): Promise<readonly unknown[]>;
  /** Ends the process. */
  end(): Promise<void>;
}

/** Starts a process that imports the target's module and waits for tasks. */
export async function forkSecondProcess(target: ConformanceTarget): Promise<SecondProcess> {
  const file = import.meta.url.endsWith('.ts') ? './second-process-worker.ts' : './second-process-worker.js';
  // None of this process's own flags: a test runner's would make the worker look for tests.
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [String(target.module), target.name], {
    execArgv: [],
    env: withoutTestContext(process.env),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await replyOf(child);
  let previous: Promise<unknown> = Promise.resolve();
  return {
    run(task) {
      const reply = previous.then(() => {
        const answered = replyOf(child);
        child.send(task);
        return answered;
      });
      previous = reply.catch(() => {});
      return reply;
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function replyOf(child: ChildProcess): Promise<readonly unknown[]> {
  const settled = new AbortController();
  try {
    const { signal } = settled;
    const reply = await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as TaskReply),
      once(child, 'exit', { signal }).then((): TaskReply => ({ failed: 'it ended before it answered' })),
    ]);
    if ('failed' in reply) throw new Error(`The second process failed: ${reply.failed}`);
    return reply.done;
  } finally {
    settled.abort();
  }
}

function withoutTestContext({ NODE_TEST_CONTEXT: _, ...environment }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return environment;
}
