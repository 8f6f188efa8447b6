import type { ConformanceTarget } from '@stet/conformance';
import { startFaultProxy, startRedis } from '@stet/services';
import { Redis } from 'ioredis';
import { connection, redisTarget } from './target.ts';

const given = process.env.STET_REDIS_URL;
const server = given ? undefined : await startRedis();
const proxy = server && (await startFaultProxy(server.port));
// A second process inherits the environment, and so finds the same server.
if (server) process.env.STET_REDIS_URL = server.url;

const client = proxy ? new Redis(proxy.port, connection) : new Redis(String(given), connection);

export const target: ConformanceTarget = {
  ...redisTarget({
    name: 'RedisStore',
    module: import.meta.url,
    client,
    admin: client,
    proxies: proxy ? [proxy] : [],
    stop: async () => server?.stop(),
  }),
  /** A server that is not ours is left as it was. */
  async dispose(namespace) {
    for await (const keys of client.scanStream({ match: `${namespace}:*` }))
      if (keys.length > 0) await client.del(keys);
  },
};
