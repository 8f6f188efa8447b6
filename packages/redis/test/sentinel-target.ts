import type { ConformanceTarget } from '@stet/conformance';
import { startFaultProxy, startRedisSentinel } from '@stet/services';
import { Redis } from 'ioredis';
import { connection, redisTarget } from './target.ts';

// A second process inherits the environment, and so finds the same sentinel.
const given = process.env.STET_REDIS_SENTINEL;
const started = given ? undefined : await startRedisSentinel();
const [sentinelPort, masterPort] = given?.split(',').map(Number) ?? [started?.sentinels[0]?.port, started?.master.port];
process.env.STET_REDIS_SENTINEL = [sentinelPort, masterPort].join();

const host = '127.0.0.1';
const proxy = started && (await startFaultProxy(started.master.port));

const client = new Redis({
  ...connection,
  sentinels: [{ host, port: Number(sentinelPort) }],
  name: 'stet',
  ...(proxy && { natMap: { [`${host}:${masterPort}`]: { host, port: proxy.port } } }),
});

export const target: ConformanceTarget = redisTarget({
  name: 'RedisStore behind Sentinel',
  module: import.meta.url,
  client,
  admin: client,
  proxies: proxy ? [proxy] : [],
  stop: async () => started?.stop(),
});
