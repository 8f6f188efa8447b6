import type { ConformanceTarget } from '@stet/conformance';
import { startFaultProxy, startRedisCluster } from '@stet/services';
import { Cluster } from 'ioredis';
import { createCluster } from 'redis';
import { fromNodeRedis } from '../src/index.ts';
import { clusterConnection, redisTarget } from './target.ts';

// A second process inherits the environment, and so finds the same cluster.
const given = process.env.STET_NODE_REDIS_CLUSTER_PORTS;
const cluster = given ? undefined : await startRedisCluster();
const ports = given?.split(',').map(Number) ?? cluster?.nodes.map(({ port }) => port) ?? [];
process.env.STET_NODE_REDIS_CLUSTER_PORTS = ports.join();

const host = '127.0.0.1';
const proxies = cluster ? await Promise.all(ports.map((port) => startFaultProxy(port))) : [];
const reached = proxies.length > 0 ? proxies.map(({ port }) => port) : ports;

const client = createCluster({
  rootNodes: reached.map((port) => ({ socket: { host, port } })),
  defaults: { socket: { reconnectStrategy: 50 } },
  nodeAddressMap: Object.fromEntries(ports.map((port, at) => [`${host}:${port}`, { host, port: Number(reached[at]) }])),
});
client.on('error', () => {});
await client.connect();
const admin = new Cluster(
  ports.map((port) => ({ host, port })),
  clusterConnection,
);

export const target: ConformanceTarget = redisTarget({
  name: 'RedisStore on the cluster client of redis',
  module: import.meta.url,
  client: fromNodeRedis(client),
  admin,
  proxies,
  async stop() {
    client.destroy();
    await cluster?.stop();
  },
});
