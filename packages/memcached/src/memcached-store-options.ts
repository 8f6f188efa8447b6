import { assertWholeNumbers } from '@stet/core';
import type { CommandClient } from './client/command-client.ts';
import { fromMemcached } from './client/memcached/from-memcached.ts';
import type { MemcachedClient } from './client/memcached/memcached-client.ts';
import { mostHeaderBytes } from './item/entry.ts';
import { mostEscapes } from './item/line-ends.ts';

export interface MemcachedStoreOptions {
  /**
   * `fromMemcache(client)` of the npm package `memcache` 1.10, or a client of `memcached` 2.2 made with
   * `clientSettings`. The store neither makes nor ends it.
   */
  readonly client: CommandClient | MemcachedClient;
  /** Begins each key: 1 to 180 letters, digits, `_`, `-`, `.`, `:` or `/`. Default `'sess:'`. */
  readonly prefix?: string;
  /** How long a call may take, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  /**
   * The most UTF-8 bytes of data in one record. Default 1,000,000; beyond it, servers have to be run with a greater
   * `-I`.
   */
  readonly maxDataBytes?: number;
  /** How long the lease of a missing entry may be held, in milliseconds. Default 5,000. */
  readonly leaseMs?: number;
  /** The clock, in Unix milliseconds. Processes that share a prefix have to agree on it. Default `Date.now`. */
  readonly now?: () => number;
}

export interface Settings extends MemcachedStoreOptions {
  readonly client: CommandClient;
  readonly prefix: string;
  readonly timeoutMs: number;
  readonly maxDataBytes: number;
  readonly leaseMs: number;
}

/** Fills in the defaults. Throws a `TypeError` for what cannot work. */
export function settingsOf({
  client,
  prefix = 'sess:',
  timeoutMs = 5_000,
  maxDataBytes = 1_000_000,
  leaseMs = 5_000,
  ...clock
}: MemcachedStoreOptions): Settings {
  if (typeof prefix !== 'string' || !/^[\w.:/-]{1,180}$/.test(prefix)) {
    throw new TypeError('prefix is 1 to 180 letters, digits, _, -, ., : or /.');
  }
  assertWholeNumbers({ timeoutMs, maxDataBytes, leaseMs });
  const longestValue = maxDataBytes + mostEscapes(maxDataBytes) + mostHeaderBytes;
  return { client: commandsOf(client, longestValue), prefix, timeoutMs, maxDataBytes, leaseMs, ...clock };
}

function commandsOf(client: CommandClient | MemcachedClient, longestValue: number): CommandClient {
  return isCommandClient(client) ? client : fromMemcached(client, longestValue);
}

/** Clients of both packages have methods of these names as well. */
function isCommandClient(client: CommandClient | MemcachedClient): client is CommandClient {
  const methods = Object(client) as Record<string, unknown>;
  return (
    ['gets', 'add', 'cas', 'delete'].every((name) => typeof methods[name] === 'function') &&
    !('HashRing' in methods || 'nodes' in methods)
  );
}
