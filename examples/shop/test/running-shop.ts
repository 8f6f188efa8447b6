import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, onTestFinished, vi } from 'vitest';
import type { Mail } from '../src/outbox.ts';

const main = join(import.meta.dirname, '..', 'src', 'main.ts');
export const patience = { timeout: 20_000, interval: 10 };

/** An empty directory for one test. */
export async function dataDirectory(): Promise<string> {
  const directory = await makeDirectory();
  onTestFinished(() => removeDirectory(directory));
  return directory;
}

/** A shop for one test, open. */
export async function openShop(directory: string, env: Record<string, string> = {}): Promise<RunningShop> {
  const shop = new RunningShop(directory, env);
  onTestFinished(() => shop.close());
  await vi.waitFor(() => shop.url, patience);
  return shop;
}

/** One shop for all tests of a file. */
export function sharedShop(): () => RunningShop {
  let shop: RunningShop;
  beforeAll(async () => {
    shop = new RunningShop(await makeDirectory(), {});
    await vi.waitFor(() => shop.url, patience);
    return async () => {
      await shop.close();
      await removeDirectory(shop.directory);
    };
  });
  return () => shop;
}

function makeDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'stet-shop-'));
}

function removeDirectory(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** The whole shop, as `npm start` starts it: the supervisor and its processes. */
export class RunningShop {
  readonly directory: string;
  readonly #supervisor: ChildProcess;
  #log = '';

  constructor(directory: string, env: Record<string, string>) {
    this.directory = directory;
    this.#supervisor = spawn(process.execPath, [main], {
      env: { ...process.env, PORT: '0', DATA_DIR: directory, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#supervisor.stdout, this.#supervisor.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#log += chunk;
      });
    }
  }

  get log(): string {
    return this.#log;
  }

  get url(): string {
    const [, url] = this.#log.match(/open: (\S+)/) ?? [];
    if (!url) throw new Error(`The shop is not open yet:\n${this.#log}`);
    return url;
  }

  /** The processes that were started under a name so far, the dead ones included. */
  pids(name: 'web' | 'worker'): number[] {
    return Array.from(this.#log.matchAll(new RegExp(`^${name}: process (\\d+) started`, 'gm')), ([, pid]) =>
      Number(pid),
    );
  }

  pid(name: 'web' | 'worker'): number {
    return this.pids(name).at(-1) ?? Number.NaN;
  }

  /** Kills the supervisor alone, in the way that leaves it no time for anything. */
  async killSupervisor(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async close(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#supervisor.exitCode !== null || this.#supervisor.signalCode !== null) return;
    const ended = once(this.#supervisor, 'close');
    this.#supervisor.kill(signal);
    await ended;
  }

  async mails(): Promise<Mail[]> {
    const lines = await readFile(join(this.directory, 'outbox.jsonl'), 'utf8').catch(() => '');
    return lines
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }
}
