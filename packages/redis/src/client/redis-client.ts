/**
 * What the store needs of a client: the part of `Redis` and `Cluster` of ioredis that it calls. Other clients come in
 * through an adapter such as `fromNodeRedis`.
 */
export interface RedisClient {
  /**
   * Sends one command, once: where the connection is lost before the reply, it rejects. Replies are text, numbers,
   * `null` or arrays of them.
   */
  call(command: string, ...args: string[]): Promise<unknown>;
  /** The client of a Redis Cluster, which sends each command to the node of its key. */
  readonly isCluster?: boolean;
  /** The clients of the cluster's masters. Required where `isCluster` is true. */
  nodes?(role: 'master'): readonly RedisClient[];
  /** Settings of ioredis that a store cannot live with are refused when it is made. */
  readonly options?: RedisClientOptions;
}

interface RedisClientOptions {
  readonly keyPrefix?: string | undefined;
  readonly role?: unknown;
  readonly scaleReads?: unknown;
  readonly enableAutoPipelining?: boolean | undefined;
  readonly maxRetriesPerRequest?: number | null | undefined;
  readonly retryDelayOnFailover?: number | undefined;
  readonly clusterNodeRetryStrategy?: unknown;
  readonly redisOptions?: { readonly maxRetriesPerRequest?: number | null | undefined } | undefined;
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
  if (client.isCluster && client.options?.enableAutoPipelining) {
    throw new TypeError(
      'A Cluster of ioredis that pipelines by itself does not follow MOVED: make it without enableAutoPipelining.',
    );
  }
  assertSendsOnce(client);
}

/**
 * ioredis sends a command again when its connection was lost, and tells nobody. The first sending may have been
 * executed, so that the reply to the second one means something else: the store has to know which of them it answers.
 */
function assertSendsOnce({ isCluster, options = {} }: RedisClient): void {
  const { maxRetriesPerRequest, retryDelayOnFailover = 0, clusterNodeRetryStrategy, redisOptions } = options;
  const refuse = (settings: string): never => {
    throw new TypeError(
      `The client sends writes again by itself when a connection is lost, and the store would not know. Make it with ${settings}: the store repeats them.`,
    );
  };
  if (!isCluster) {
    if ('maxRetriesPerRequest' in options && maxRetriesPerRequest !== 0) refuse('maxRetriesPerRequest: 0');
    return;
  }
  if (retryDelayOnFailover !== 0) refuse('retryDelayOnFailover: 0');
  // The nodes of a cluster do not connect again, unless they are told how to.
  if (typeof clusterNodeRetryStrategy === 'function' && redisOptions?.maxRetriesPerRequest !== 0) {
    refuse('redisOptions: { maxRetriesPerRequest: 0 }');
  }
}

/** The servers that hold records between them. */
export function mastersOf(client: RedisClient): readonly RedisClient[] {
  return client.isCluster ? (client.nodes?.('master') ?? []) : [client];
}
