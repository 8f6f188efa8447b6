import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A process that is started again whenever it ends, until it is stopped. */
export interface Post {
  stop(): Promise<void>;
}

const soonMs = 100;
const latestMs = 5_000;
const steadyAfterMs = 2_000;
const patienceMs = 5_000;

/**
 * Keeps a post manned. A process that dies young is replaced more and more slowly, so that a broken one does not eat
 * the machine.
 */
export function keepManned(name: string, start: () => ChildProcess): Post {
  let child: ChildProcess;
  let pauseMs = soonMs;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function man(): void {
    const startedAt = Date.now();
    child = start();
    console.log(`${name}: process ${child.pid} started`);
    child.once('exit', (code, signal) => {
      if (stopped) return;
      console.log(`${name}: process ${child.pid} ended (${signal ?? `exit code ${code}`}); starting another`);
      pauseMs = Date.now() - startedAt > steadyAfterMs ? soonMs : Math.min(pauseMs * 2, latestMs);
      timer = setTimeout(man, pauseMs);
    });
  }

  async function stop(): Promise<void> {
    stopped = true;
    clearTimeout(timer);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    await ended;
    clearTimeout(impatience);
  }

  man();
  return { stop };
}
