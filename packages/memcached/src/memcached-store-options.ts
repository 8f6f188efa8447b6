import type { MemcachedClient } from './memcached-client.ts';

export interface MemcachedStoreOptions {
  /** A client of the npm package `memcached` 2.2, made with `clientSettings`. The store neither makes nor ends it. */
  readonly client: MemcachedClient;
  /** Begins each key: 1 to 180 letters, digits, `_`, `-`, `.`, `:` or `/`. Default `'sess:'`. */
  readonly prefix?: string;
  /** How long a call may take, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  /** The most UTF-8 bytes of data in one record. Default 1,000,000; beyond it, servers have to be run with a greater `-I`. */
  readonly maxDataBytes?: number;
  /** How long the lease of a missing entry may be held, in milliseconds. Default 5,000. */
  readonly leaseMs?: number;
  /** The clock, in Unix milliseconds. Processes that share a prefix have to agree on it. Default `Date.now`. */
  readonly now?: () => number;
}

export type Settings = Required<MemcachedStoreOptions>;

/** Fills in the defaults. Throws a `TypeError` for what cannot work. */
export function settingsOf({
  client,
  prefix = 'sess:',
  timeoutMs = 5_000,
  maxDataBytes = 1_000_000,
  leaseMs = 5_000,
  now = Date.now,
}: MemcachedStoreOptions): Settings {
  if (typeof prefix !== 'string' || !/^[\w.:/-]{1,180}$/.test(prefix)) {
    throw new TypeError('prefix is 1 to 180 letters, digits, _, -, ., : or /.');
  }
  for (const [name, value] of Object.entries({ timeoutMs, maxDataBytes, leaseMs })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new TypeError(`${name} is a whole number above 0, not ${value}.`);
  }
  return { client, prefix, timeoutMs, maxDataBytes, leaseMs, now };
}
