import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { type RedisServer, startRedis, untilAnswer } from './redis.ts';

const run = promisify(execFile);

export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  stop(): Promise<void>;
}

/** A cluster of three masters. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes = await Promise.all([0, 1, 2].map(async () => startNode()));
  const stop = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    await run('redis-cli', ['--cluster', 'create', ...nodes.map(({ port }) => `127.0.0.1:${port}`), '--cluster-yes']);
    await Promise.all(nodes.map(({ port }) => untilAnswer('cluster_state:ok', port, 'cluster', 'info')));
    return { nodes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startNode(): Promise<RedisServer> {
  // By default the bus would be on the port plus 10,000, which may be none.
  const bus = String(await freePort());
  return startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', '--cluster-port', bus] });
}
