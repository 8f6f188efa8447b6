import { isSessionId } from '@stet/core';
import type { LegacySessions } from '../kept/legacy-sessions.ts';
import { type Ask, corrupt, type Left, legacySessions, parseSession, type ReaderOptions } from './left-behind.ts';
import { type AnyRedisClient, commandsOf, type RedisCommands } from './redis-commands.ts';

export interface ConnectRedisOptions extends ReaderOptions {
  /** `Redis` or `Cluster` of ioredis, or a connected client or cluster of the package `redis`. Redis 6 or later. */
  readonly client: AnyRedisClient;
  /** What connect-redis was given. Default `sess:`. */
  readonly prefix?: string;
}

const dayMs = 86_400_000;
const scannedAtOnce = '500';

/**
 * The sessions that connect-redis left behind. They end when their keys do; those of a store with `disableTTL`, whose
 * keys never end, a whole `maxAge` of their cookie (or one day) after they are read.
 */
export function connectRedis({ client, prefix = 'sess:', ...options }: ConnectRedisOptions): LegacySessions {
  if (typeof prefix !== 'string') throw new TypeError('prefix is what all keys of connect-redis begin with.');
  const { now = Date.now } = options;
  const redis = commandsOf(client);

  async function read(sid: string): Promise<string | null> {
    const text = (await redis.about(prefix + sid, 'GET').catch(foreign)) as string | null;
    return text === null || isOurs(sid, text) ? null : text;
  }

  async function find(sid: string): Promise<Left | null> {
    const [text, leftMs] = await Promise.all([read(sid), redis.about(prefix + sid, 'PTTL')]);
    if (text === null) return null;
    const session = parseSession(text);
    return { session, endsAt: now() + (Number(leftMs) === -1 ? lifeOf(session) : Number(leftMs)) };
  }

  async function remove(sid: string): Promise<boolean> {
    if (isSessionId(sid) && (await read(sid)) === null) return false;
    return Number(await redis.about(prefix + sid, 'DEL')) > 0;
  }

  return legacySessions({ find, remove, sids: (ask) => sidsIn(redis, prefix, ask) }, options);
}

/** SCAN gives what is there all through at least once, and takes a prefix for a pattern. */
async function* sidsIn(redis: RedisCommands, prefix: string, ask: Ask): AsyncGenerator<readonly string[]> {
  const pattern = `${prefix.replace(/[\\*?[\]^-]/g, '\\$&')}*`;
  const seen = new Set<string>();
  for (const send of await ask(() => redis.masters())) {
    let cursor = '0';
    do {
      const reply = await ask(() => send('SCAN', cursor, 'MATCH', pattern, 'COUNT', scannedAtOnce, 'TYPE', 'string'));
      const [next, keys] = reply as [string, string[]];
      const sids = new Set(keys.map((key) => key.slice(prefix.length)));
      yield Array.from(sids).filter((sid) => !seen.has(sid));
      for (const sid of sids) seen.add(sid);
      cursor = String(next);
    } while (cursor !== '0');
  }
}

/**
 * Whether it was a `RedisStore` of the same prefix that wrote the value (see the format in README.md of @stet/redis).
 * No JSON begins so.
 */
function isOurs(sid: string, text: string): boolean {
  return isSessionId(sid) && /^[sld]1[\w-]{16}/.test(text);
}

function lifeOf({ cookie }: Left['session']): number {
  const { originalMaxAge } = (cookie ?? {}) as { originalMaxAge?: number | null };
  return originalMaxAge ?? dayMs;
}

function foreign(cause: unknown): never {
  if (!String(cause).includes('WRONGTYPE')) throw cause;
  throw corrupt('The key holds something of another type than sessions have.', cause);
}
