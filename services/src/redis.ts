import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { type ServerProcess, serverFolder, startServer } from './server-process.ts';
import { requireBinary } from './software.ts';

const run = promisify(execFile);

export const packages: readonly string[] = ['redis-server'];
export const binary = 'redis-server';

export interface RedisOptions {
  /** Where to listen. Default: a free port. */
  readonly port?: number;
  /** Settings as on the command line: `['--maxmemory', '4mb']`. */
  readonly args?: readonly string[];
}

export interface RedisServer extends ServerProcess {
  readonly port: number;
  readonly url: string;
}

/** A Redis server without persistence, unless the settings say otherwise. */
export async function startRedis({ port, args = [] }: RedisOptions = {}): Promise<RedisServer> {
  const listensOn = port ?? (await freePort());
  const server = await startServer({
    command: requireBinary({ packages, binary }),
    args: ['--bind', '127.0.0.1', '--port', String(listensOn), '--save', '', '--appendonly', 'no', ...args],
    folder: await serverFolder('redis'),
    ready: () => untilAnswer('PONG', listensOn, 'ping'),
  });
  return { ...server, port: listensOn, url: `redis://127.0.0.1:${listensOn}` };
}

/** What a server, or a sentinel, says to a command. */
export async function askRedis(port: number, ...command: readonly string[]): Promise<string> {
  const { stdout } = await run('redis-cli', ['-h', '127.0.0.1', '-p', String(port), ...command]);
  return stdout.replaceAll('\r', '');
}

/** Resolves once the answer to a command contains the text. */
export async function untilAnswer(text: string, port: number, ...command: readonly string[]): Promise<void> {
  while (!(await askRedis(port, ...command)).includes(text)) await sleep(20);
}
