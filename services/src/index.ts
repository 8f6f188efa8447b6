export { type Exchange, type Fault, type FaultProxy, startFaultProxy } from './fault-proxy.ts';
export { freePort } from './free-port.ts';
export { type MariaDbOptions, type MariaDbServer, startMariaDb } from './mariadb.ts';
export { askMemcached, type MemcachedOptions, type MemcachedServer, startMemcached } from './memcached.ts';
export { type PostgresOptions, type PostgresServer, startPostgres } from './postgres.ts';
export { askRedis, type RedisOptions, type RedisServer, startRedis, untilAnswer } from './redis.ts';
export { type RedisCluster, startRedisCluster } from './redis-cluster.ts';
export { type RedisSentinel, startRedisSentinel } from './redis-sentinel.ts';
export { type ServerCommand, type ServerProcess, serverFolder, startServer } from './server-process.ts';
