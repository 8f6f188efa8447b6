/**
 * What the store needs of a client: the part of `Redis` and `Cluster` of ioredis that it calls. Other clients come in
 * through an adapter such as `fromNodeRedis`.
 */
export interface RedisClient {
  /** Sends one command. Replies are text, `null` or arrays of them. */
  call(command: string, ...args: string[]): Promise<unknown>;
  /** The client of a Redis Cluster, which sends each command to the node of its key. */
  readonly isCluster?: boolean;
  /** The clients of the cluster's masters. Required where `isCluster` is true. */
  nodes?(role: 'master'): readonly RedisClient[];
  /** Settings that a store cannot live with are refused when it is made. */
  readonly options?: {
    readonly keyPrefix?: string | undefined;
    readonly role?: unknown;
    readonly scaleReads?: unknown;
  };
}

/** Throws a `TypeError` for a client whose settings break the store's guarantees. */
export function assertClient(client: RedisClient): void {
  if (typeof client?.call !== 'function') {
    throw new TypeError('client is a Redis or Cluster of ioredis, or what fromNodeRedis() makes of a client of redis.');
  }
  const { keyPrefix, role, scaleReads } = client.options ?? {};
  if (keyPrefix) throw new TypeError("The client's keyPrefix does not reach SCAN: use the store's prefix instead.");
  if (role === 'slave' || (scaleReads !== undefined && scaleReads !== 'master')) {
    throw new TypeError(
      'The client reads from replicas, which lag behind: sessions need the master (scaleReads, role).',
    );
  }
}

/** The servers that hold records between them. */
export function mastersOf(client: RedisClient): readonly RedisClient[] {
  return client.isCluster ? (client.nodes?.('master') ?? []) : [client];
}
