import type { ConformanceTarget } from '@stet/conformance';
import { startFaultProxy, startRedis } from '@stet/services';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { fromNodeRedis } from '../src/index.ts';
import { connection, redisTarget } from './target.ts';

// A second process inherits the environment, and so finds the same server.
const given = process.env.STET_NODE_REDIS_PORT;
const server = given ? undefined : await startRedis();
const port = Number(given ?? server?.port);
process.env.STET_NODE_REDIS_PORT = String(port);

const proxy = server && (await startFaultProxy(port));
const client = createClient({ url: `redis://127.0.0.1:${proxy?.port ?? port}`, socket: { reconnectStrategy: 50 } });
client.on('error', () => {});
await client.connect();
const admin = new Redis(port, connection);

export const target: ConformanceTarget = redisTarget({
  name: 'RedisStore on the client of redis',
  module: import.meta.url,
  client: fromNodeRedis(client),
  admin,
  proxies: proxy ? [proxy] : [],
  async stop() {
    client.destroy();
    await server?.stop();
  },
});
