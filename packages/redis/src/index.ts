export { checkServer } from './client/check-server.ts';
export {
  fromNodeRedis,
  type NodeRedisClient,
  type NodeRedisCluster,
  type NodeRedisSentinel,
} from './client/node-redis.ts';
export type { RedisClient } from './client/redis-client.ts';
export { RedisStore } from './redis-store.ts';
export type { Durability, RedisStoreOptions } from './redis-store-options.ts';
