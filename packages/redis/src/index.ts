export { checkServer } from './check-server.ts';
export { fromNodeRedis, type NodeRedisClient } from './node-redis.ts';
export type { RedisClient } from './redis-client.ts';
export { RedisStore } from './redis-store.ts';
export type { Durability, RedisStoreOptions } from './redis-store-options.ts';
