import type { RedisClient } from './redis-client.ts';

/** The part of a client of the package `redis` (`createClient`, `createSentinel`) that is called. */
export interface NodeRedisClient {
  sendCommand(args: string[]): Promise<unknown>;
}

/** Makes a connected client of the package `redis` fit for a store. Its cluster client is not supported: use the one of ioredis. */
export function fromNodeRedis(client: NodeRedisClient): RedisClient {
  return { call: (command, ...args) => client.sendCommand([command, ...args]) };
}
