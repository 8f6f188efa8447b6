import { assertWholeNumbers } from '@stet/core';
import { assertClient, type RedisClient } from './client/redis-client.ts';

export interface RedisStoreOptions {
  /**
   * A client that the application owns: `Redis` or `Cluster` of ioredis, or what `fromNodeRedis` gives. The store never
   * closes it.
   */
  readonly client: RedisClient;
  /**
   * What all keys of the store begin with: letters, digits and `_ - . :`. Stores of one prefix share their sessions.
   * Default `sess:`.
   */
  readonly prefix?: string;
  /** How long a call may take, in milliseconds; for `entries` and `bySubject` each step. Default 5,000. */
  readonly timeoutMs?: number;
  /** The most UTF-8 bytes of data in one record. Default 1 MiB. */
  readonly maxDataBytes?: number;
  /** How long the lease of a missing entry may be held, in milliseconds, where the store is a front. Default 5,000. */
  readonly leaseMs?: number;
  /** How many replicas must have a write before it resolves. Default: none. */
  readonly durability?: Durability;
  /**
   * The clock, in Unix milliseconds. Processes that share a prefix have to agree on it; the servers need not. Default
   * `Date.now`.
   */
  readonly now?: () => number;
}

/**
 * Sends `WAIT` behind each write, on the same connection: a write that too few replicas have confirmed within
 * `timeoutMs` rejects with `STORE_AMBIGUOUS`. A failover may still lose what they confirmed (redis.io, WAIT). Other
 * commands of the connection wait too, so give the store a client of its own. Not for Redis Cluster, whose clients
 * choose the node of a `WAIT` at random.
 */
export interface Durability {
  readonly replicas: number;
  readonly timeoutMs: number;
}

/** Throws a `TypeError` for settings that cannot work. */
export function assertOptions({ client, prefix = 'sess:', leaseMs, durability }: RedisStoreOptions): void {
  assertClient(client);
  if (typeof prefix !== 'string' || !/^[A-Za-z0-9_.:-]{1,64}$/.test(prefix)) {
    throw new TypeError('prefix is 1 to 64 letters, digits, _, -, . or :, so that it is no pattern and no hash tag.');
  }
  assertWholeNumbers({ ...(leaseMs !== undefined && { leaseMs }), ...durability });
  if (durability && client.isCluster) throw new TypeError('durability does not work with a Redis Cluster.');
}
