import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ConformanceTarget, StoreSettings } from '../target.ts';
import type { Performance, Work } from './work.ts';

/** What is sent to a second process: work to get ready for, then when to begin. */
export type Message =
  | { readonly settings: StoreSettings; readonly work: Work }
  /** In Unix milliseconds, so that both processes begin at once. */
  | { readonly startAt: number };

/** What comes back: ready, or what the work resolved to, or how it failed. */
export type Reply = { readonly ready: true } | { readonly done: Performance } | { readonly failed: string };

/** Another operating system process with stores of the same target. */
export interface SecondProcess {
  /** Opens a store there and resolves to what makes it begin, which resolves to what the work came to. */
  prepare(settings: StoreSettings, work: Work): Promise<(startAt: number) => Promise<Performance>>;
  /** Ends the process. */
  end(): Promise<void>;
}

/** Starts a process that imports the target's module and waits for work. */
export async function forkSecondProcess(target: ConformanceTarget): Promise<SecondProcess> {
  const file = import.meta.url.endsWith('.ts') ? './second-process-worker.ts' : './second-process-worker.js';
  // None of this process's own flags: a test runner's would make the worker look for tests.
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [String(target.module), target.name], {
    execArgv: [],
    env: withoutTestContext(process.env),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await replyOf(child);
  const ask = async (message: Message): Promise<Performance> => {
    const reply = replyOf(child);
    child.send(message);
    return reply;
  };
  let idle: Promise<unknown> = Promise.resolve();
  return {
    async prepare(settings, work) {
      const before = idle;
      const { promise, resolve } = Promise.withResolvers<void>();
      idle = promise;
      await before;
      await ask({ settings, work }).catch((error: unknown) => {
        resolve();
        throw error;
      });
      return (startAt) => ask({ startAt }).finally(resolve);
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function replyOf(child: ChildProcess): Promise<Performance> {
  const settled = new AbortController();
  try {
    const { signal } = settled;
    const reply = await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as Reply),
      once(child, 'exit', { signal }).then((): Reply => ({ failed: 'it ended before it answered' })),
    ]);
    if ('failed' in reply) throw new Error(`The second process failed: ${reply.failed}`);
    return 'done' in reply ? reply.done : { resolved: [], from: 0, to: 0 };
  } finally {
    settled.abort();
  }
}

function withoutTestContext({ NODE_TEST_CONTEXT: _, ...environment }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return environment;
}
