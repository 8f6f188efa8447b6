import type { RedisClient } from './redis-client.ts';

/** The part of `createClient` of the package `redis` that is called. */
export interface NodeRedisClient {
  sendCommand(args: string[], options?: NodeRedisCommandOptions): Promise<unknown>;
}

/** The part of `createSentinel` of the package `redis` that is called. */
export interface NodeRedisSentinel {
  getSentinelNode(): unknown;
  _execute(isReadonly: boolean, run: (master: NodeRedisClient) => Promise<unknown>): Promise<unknown>;
}

/** The part of `createCluster` of the package `redis` that is called. */
export interface NodeRedisCluster {
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean,
    args: string[],
    options?: NodeRedisCommandOptions,
  ): Promise<unknown>;
  readonly masters: readonly unknown[];
  nodeClient(node: never): NodeRedisClient | Promise<NodeRedisClient>;
}

interface NodeRedisCommandOptions {
  readonly typeMapping?: Record<number, never>;
}

/** Replies are text, also where the application has its client give it Buffers. */
const asText: NodeRedisCommandOptions = { typeMapping: {} };

/**
 * Makes a connected client of the package `redis` fit for a store: that of `createClient`, `createSentinel` or
 * `createCluster`. A `TypeError` for anything else.
 */
export function fromNodeRedis(client: NodeRedisClient | NodeRedisSentinel | NodeRedisCluster): RedisClient {
  if (isCluster(client)) return ofCluster(client);
  if (isSentinel(client)) return { call: (...command) => throughSentinel(client, command) };
  if (typeof client?.sendCommand === 'function') return ofClient(client);
  throw new TypeError(
    'fromNodeRedis() takes a client that createClient, createSentinel or createCluster of redis made.',
  );
}

function ofClient(client: NodeRedisClient): RedisClient {
  return { call: (...command) => client.sendCommand(command, asText) };
}

function ofCluster(cluster: NodeRedisCluster): RedisClient {
  return {
    isCluster: true,
    call: (...command) => cluster.sendCommand(keyOf(command), false, command, asText),
    nodes: () =>
      cluster.masters.map((node) => ({
        call: async (...command) => (await cluster.nodeClient(node as never)).sendCommand(command, asText),
      })),
  };
}

/** The key that says which node a command is for; none where any will do. */
function keyOf([command, ...args]: readonly string[]): string | undefined {
  if (command === 'EVALSHA' || command === 'EVAL') return args[2];
  return command === 'GET' || command === 'ZSCAN' ? args[0] : undefined;
}

/**
 * A sentinel client sends a command again when its connection was lost, and tells nobody; but only after an `Error`.
 * What was refused by a server that is no longer the master was not done: that may go to the next one.
 */
async function throughSentinel(sentinel: NodeRedisSentinel, command: string[]): Promise<unknown> {
  const failed: { error?: unknown } = {};
  try {
    return await sentinel._execute(false, (master) =>
      master.sendCommand(command, asText).catch((error: unknown) => {
        if (error instanceof Error && error.message.startsWith('READONLY')) throw error;
        failed.error = error;
        throw failed;
      }),
    );
  } catch (error) {
    throw error === failed ? failed.error : error;
  }
}

function isCluster(client: object): client is NodeRedisCluster {
  return typeof (client as Partial<NodeRedisCluster>)?.nodeClient === 'function';
}

function isSentinel(client: object): client is NodeRedisSentinel {
  return typeof (client as Partial<NodeRedisSentinel>)?.getSentinelNode === 'function';
}
