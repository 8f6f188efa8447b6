import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { binary, packages, type RedisServer, startRedis, untilAnswer } from './redis.ts';
import { type ServerProcess, serverFolder, startServer } from './server-process.ts';
import { requireBinary } from './software.ts';

export interface RedisSentinel {
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly sentinels: ReadonlyArray<{ readonly host: string; readonly port: number }>;
  /** The name that the sentinels know the master by. */
  readonly name: string;
  stop(): Promise<void>;
}

/**
 * A master with a replica, and a sentinel that makes the replica master half a second after the master falls silent.
 */
export async function startRedisSentinel(): Promise<RedisSentinel> {
  const name = 'stet';
  const started: ServerProcess[] = [];
  const stop = async (): Promise<void> => void (await Promise.all(started.map((server) => server.stop())));
  try {
    const master = await startRedis();
    started.push(master);
    const replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(master.port)] });
    started.push(replica);
    await untilAnswer('master_link_status:up', replica.port, 'info', 'replication');
    const sentinel = await startSentinel(name, master.port);
    started.push(sentinel);
    await untilAnswer('num-slaves\n1\n', sentinel.port, 'sentinel', 'master', name);
    return { master, replica, sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startSentinel(name: string, masterPort: number): Promise<ServerProcess & { readonly port: number }> {
  const [port, folder] = [await freePort(), await serverFolder('sentinel')];
  const config = join(folder, 'sentinel.conf');
  const settings = [
    `port ${port}`,
    'bind 127.0.0.1',
    // A quorum of one: there is no other sentinel.
    `sentinel monitor ${name} 127.0.0.1 ${masterPort} 1`,
    `sentinel down-after-milliseconds ${name} 500`,
    `sentinel failover-timeout ${name} 2000`,
  ];
  await writeFile(config, settings.join('\n'));
  const sentinel = await startServer({
    command: requireBinary({ packages, binary }),
    args: [config, '--sentinel'],
    folder,
    ready: () => untilAnswer('PONG', port, 'ping'),
  });
  return { ...sentinel, port };
}
