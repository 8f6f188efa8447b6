import type { ConformanceTarget } from '@stet/conformance';
import { startFaultProxy, startRedisCluster } from '@stet/services';
import { Cluster } from 'ioredis';
import { clusterConnection, connection, redisTarget } from './target.ts';

// A second process inherits the environment, and so finds the same cluster.
const given = process.env.STET_REDIS_CLUSTER_PORTS;
const cluster = given ? undefined : await startRedisCluster();
const ports = given?.split(',').map(Number) ?? cluster?.nodes.map(({ port }) => port) ?? [];
process.env.STET_REDIS_CLUSTER_PORTS = ports.join();

const host = '127.0.0.1';
const proxies = cluster ? await Promise.all(ports.map((port) => startFaultProxy(port))) : [];
const reached = proxies.length > 0 ? proxies.map(({ port }) => port) : ports;

const client = new Cluster(
  reached.map((port) => ({ host, port })),
  {
    ...clusterConnection,
    clusterRetryStrategy: connection.retryStrategy,
    natMap: Object.fromEntries(ports.map((port, at) => [`${host}:${port}`, { host, port: Number(reached[at]) }])),
  },
);

export const target: ConformanceTarget = redisTarget({
  name: 'RedisStore in a cluster',
  module: import.meta.url,
  client,
  admin: client,
  proxies,
  stop: async () => cluster?.stop(),
});
