import { join, resolve } from 'node:path';

/** What the shop takes from its environment. All of its processes read it here. */
export interface Settings {
  readonly host: string;
  /** Where the shop is looked for first; 0 is any free port. */
  readonly port: number;
  readonly dataDirectory: string;
  readonly webProcesses: number;
  /** A cart that nobody has changed for so long counts as abandoned. */
  readonly abandonedAfterMs: number;
  readonly walkEveryMs: number;
}

const defaultDataDirectory = join(import.meta.dirname, '..', '..', '..', '.data');

export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  return {
    host: env.HOST ?? '127.0.0.1',
    port: wholeNumber(env, 'PORT', 3000),
    dataDirectory: resolve(env.DATA_DIR ?? defaultDataDirectory),
    webProcesses: Math.max(1, wholeNumber(env, 'WEB_PROCESSES', 2)),
    abandonedAfterMs: wholeNumber(env, 'ABANDONED_AFTER_MS', 60_000),
    walkEveryMs: wholeNumber(env, 'WALK_EVERY_MS', 5_000),
  };
}

function wholeNumber(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = env[name] ?? String(fallback);
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new TypeError(`${name} is a whole number; ${JSON.stringify(text)} is none.`);
}
