import type { ConformanceTarget } from '@stet/conformance';
import { startFaultProxy, startRedisSentinel } from '@stet/services';
import { Redis } from 'ioredis';
import { createSentinel } from 'redis';
import { fromNodeRedis } from '../src/index.ts';
import { connection, redisTarget } from './target.ts';

// A second process inherits the environment, and so finds the same sentinel.
const given = process.env.STET_NODE_REDIS_SENTINEL;
const started = given ? undefined : await startRedisSentinel();
const [sentinelPort = 0, masterPort = 0] = given?.split(',').map(Number) ?? [
  started?.sentinels[0]?.port,
  started?.master.port,
];
process.env.STET_NODE_REDIS_SENTINEL = [sentinelPort, masterPort].join();

const host = '127.0.0.1';
const proxy = started && (await startFaultProxy(masterPort));
const sentinel = createSentinel({
  name: 'stet',
  sentinelRootNodes: [{ host, port: sentinelPort }],
  nodeClientOptions: { socket: { reconnectStrategy: 50 } },
  ...(proxy && { nodeAddressMap: { [`${host}:${masterPort}`]: { host, port: proxy.port } } }),
});
sentinel.on('error', () => {});
await sentinel.connect();
const admin = new Redis(masterPort, connection);

export const target: ConformanceTarget = redisTarget({
  name: 'RedisStore on the sentinel client of redis',
  module: import.meta.url,
  client: fromNodeRedis(sentinel),
  admin,
  proxies: proxy ? [proxy] : [],
  async recovered() {
    while ((await sentinel.ping().catch(() => undefined)) !== 'PONG') await new Promise(setImmediate);
  },
  async stop() {
    await sentinel.destroy();
    await started?.stop();
  },
});
