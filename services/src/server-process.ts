import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** The server's folder; removed when it ends. Make it with {@link serverFolder}. */
  readonly folder: string;
  /** Runs the server as this user, where the tests run as root and the server refuses to. */
  readonly user?: string;
  /**
   * Resolves once the server answers, rejects while it does not yet. Asked again until it does, or the server has
   * ended.
   */
  readonly ready: () => Promise<unknown>;
}

export interface ServerProcess {
  /** The server's own process, to be stopped, continued or killed by tests. */
  readonly pid: number;
  /** Ends the server, if it still runs, and removes its folder. */
  stop(): Promise<void>;
}

/**
 * The shell that starts a server says its process id, and ends it and removes its folder once its own standard input
 * closes: when `stop` closes it, and also when the tests are interrupted or killed.
 */
const guard =
  '"$@" >"$0/server.log" 2>&1 & echo $!; cat >/dev/null; kill -CONT $! 2>/dev/null; kill -KILL $! 2>/dev/null; wait $! 2>/dev/null; rm -rf "$0"';

/** A fresh folder for one server. */
export function serverFolder(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `stet-${name}-`));
}

/** Starts a server of the tests' own and resolves once it answers. */
export async function startServer({ command, args, folder, user, ready }: ServerCommand): Promise<ServerProcess> {
  const asUser = user === undefined ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups'];
  const shell = spawn('sh', ['-c', guard, folder, ...asUser, command, ...args], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
    // Not in our process group, so that Ctrl-C ends the tests first and the servers after them.
    detached: true,
  });
  const ended = once(shell, 'exit');
  const [line] = (await once(createInterface(shell.stdout), 'line')) as [string];
  const stop = async () => {
    shell.stdin.end();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const pid = Number(line);
  for (;;) {
    try {
      await ready();
      return { pid, stop };
    } catch (error) {
      if (!isRunning(pid)) {
        await stop();
        throw new Error(`${command} ended before it answered.`, { cause: error });
      }
      await sleep(50);
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
