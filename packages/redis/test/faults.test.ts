import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isStoreError } from '@stet/core';
import { askRedis, type FaultProxy, type RedisServer, startFaultProxy, startRedis, untilAnswer } from '@stet/services';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisStore } from '../src/index.ts';
import { isUntouched, type Operation, operations, prepare } from './operations.ts';
import { connection } from './target.ts';

const timeScale = Number(process.env.CONFORMANCE_TIME_SCALE ?? 1);
/** Every byte of requests takes long; of replies every byte is always taken. */
const requestStride = process.env.STET_LONG_TESTS ? 1 : 11;

let folder: string;
let server: RedisServer;
let replica: RedisServer;
let proxy: FaultProxy;
/** Past the proxy. */
let direct: Redis;
let proxied: Redis;
let onReplica: Redis;
let unharmed: RedisStore;

async function startServer(port?: number): Promise<RedisServer> {
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];
  return startRedis({ ...(port && { port }), args: ['--dir', folder, ...durable] });
}

function connect(port: number): Redis {
  return new Redis(port, { ...connection, retryStrategy: () => 2 }).on('error', () => {});
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stet-redis-data-'));
  server = await startServer();
  replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(server.port)] });
  proxy = await startFaultProxy(server.port);
  direct = connect(server.port);
  proxied = connect(proxy.port);
  onReplica = connect(replica.port);
  unharmed = new RedisStore({ client: direct });
});

afterAll(async () => {
  for (const client of [direct, proxied, onReplica]) client.disconnect();
  await proxy.close();
  await Promise.all([server.stop(), replica.stop()]);
  await rm(folder, { recursive: true, force: true });
});

interface Disturbance {
  readonly name: string;
  /** The deadline of the calls, in milliseconds. */
  readonly timeoutMs: number;
  readonly client?: () => Redis;
  /** Each number of bytes after which to cut, if it is about that. */
  readonly cuts?: (exchange: { request: Buffer; reply: Buffer }) => number;
  begin(cutAfter: number): Promise<unknown>;
  /** What happens while the call is under way. */
  meanwhile?(): Promise<unknown>;
  /** Puts everything right again. */
  end(): Promise<unknown>;
}

const settle = async (): Promise<void> => {
  await proxy.set('none');
  await untilAnswer('PONG', server.port, 'ping');
};
const config = (...settings: string[]): Promise<unknown> => askRedis(server.port, 'config', 'set', ...settings);
const requestSent = async (): Promise<void> => {
  while (proxy.exchanges.length === 0) await new Promise((resolve) => setImmediate(resolve));
};

const disturbances: readonly Disturbance[] = [
  {
    name: 'The connection is cut while the request is sent',
    timeoutMs: 2_000,
    cuts: ({ request }) => request.length,
    begin: (cutRequestAfter) => proxy.set({ cutRequestAfter }),
    end: settle,
  },
  {
    name: 'The connection is cut while the reply comes',
    timeoutMs: 2_000,
    cuts: ({ reply }) => reply.length,
    begin: (cutReplyAfter) => proxy.set({ cutReplyAfter }),
    end: settle,
  },
  {
    name: 'The server has forgotten its scripts',
    timeoutMs: 2_000,
    begin: () => direct.script('FLUSH'),
    end: settle,
  },
  {
    name: 'The server is slow, but within the deadline',
    timeoutMs: 2_000,
    begin: () => proxy.set({ delayMs: 50 }),
    end: settle,
  },
  {
    name: 'The server is killed and restarted before its reply is sent, and connections wait until then (`appendfsync always`)',
    timeoutMs: 5_000,
    begin: () => proxy.set('stall replies'),
    async meanwhile() {
      while (!proxy.exchanges.some(({ reply }) => reply.length > 0)) await new Promise(setImmediate);
      process.kill(server.pid, 'SIGKILL');
      await proxy.set('stall');
      proxy.cut();
      const { port, stop } = server;
      await stop();
      server = await startServer(port);
      await proxy.set('none');
    },
    end: settle,
  },
  {
    name: 'The server is killed before it gets to the request, and stays away',
    timeoutMs: 500,
    begin: async () => process.kill(server.pid, 'SIGSTOP'),
    async meanwhile() {
      await requestSent();
      const { stop } = server;
      await proxy.set('refuse');
      await stop();
    },
    async end() {
      server = await startServer(server.port);
      await settle();
    },
  },
  {
    name: 'Connections are refused',
    timeoutMs: 500,
    begin: () => proxy.set('refuse'),
    end: settle,
  },
  {
    name: 'The server does not answer within the deadline',
    timeoutMs: 300,
    begin: async () => process.kill(server.pid, 'SIGSTOP'),
    async end() {
      process.kill(server.pid, 'SIGCONT');
      await settle();
    },
  },
  {
    name: 'The server is a replica (`READONLY`)',
    timeoutMs: 2_000,
    client: () => onReplica,
    begin: async () => {
      const offset = await direct.info('replication');
      await untilAnswer(
        `slave_repl_offset:${/master_repl_offset:(\d+)/.exec(offset)?.[1]}`,
        replica.port,
        'info',
        'replication',
      );
    },
    end: settle,
  },
  {
    name: 'Memory is full (`OOM`, with `maxmemory-policy noeviction`)',
    timeoutMs: 2_000,
    begin: () => config('maxmemory', '1'),
    end: () => config('maxmemory', '0'),
  },
  {
    name: 'Too few replicas are connected (`NOREPLICAS`)',
    timeoutMs: 2_000,
    begin: () => config('min-replicas-to-write', '5'),
    end: () => config('min-replicas-to-write', '0'),
  },
];

/**
 * How one call ends in the midst of a disturbance: `done`, or the code of its error. Throws where that is not what came
 * of it.
 */
async function outcomeOf(operation: Operation, disturbance: Disturbance, cutAfter: number): Promise<string> {
  const client = disturbance.client?.() ?? proxied;
  const store = new RedisStore({ client, timeoutMs: disturbance.timeoutMs * timeScale });
  const before = await prepare(unharmed);
  while ((await store.load(before.id).catch(() => null)) === null) await new Promise(setImmediate);
  proxy.forget();
  await disturbance.begin(cutAfter);
  const startedAt = performance.now();
  const call = operation.run(store, before).then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  await disturbance.meanwhile?.();
  const ended = await call;
  const tookMs = performance.now() - startedAt;
  await disturbance.end();
  if (!disturbance.meanwhile) expect(tookMs).toBeLessThan((disturbance.timeoutMs + 250) * timeScale);
  const after = await unharmed.load(before.id);
  if ('result' in ended) {
    expect(operation.isDone(ended.result, after), `${operation.name} gave ${JSON.stringify(ended.result)}`).toBe(true);
    return 'done';
  }
  if (!isStoreError(ended.error)) throw ended.error;
  const { code } = ended.error;
  if (code !== 'STORE_AMBIGUOUS') expect(await isUntouched(unharmed, before), `untouched after ${code}`).toBe(true);
  return code;
}

/** One exchange of the operation as it goes when nothing is wrong. */
async function calmExchange(operation: Operation): Promise<{ request: Buffer; reply: Buffer }> {
  const store = new RedisStore({ client: proxied });
  await operation.run(store, await prepare(unharmed));
  const before = await prepare(unharmed);
  proxy.forget();
  await operation.run(store, before);
  const [exchange] = proxy.exchanges;
  if (!exchange) throw new Error(`${operation.name} asked the server nothing.`);
  return exchange;
}

const table = new Map<string, string>();

describe.each(disturbances)('$name', (disturbance) => {
  it.each(operations)('$name', async (operation) => {
    const exchange = disturbance.cuts && (await calmExchange(operation));
    const places = exchange ? Number(disturbance.cuts?.(exchange)) : 1;
    const stride = exchange && places === exchange.request.length ? requestStride : 1;
    const outcomes = new Set<string>();
    for (let cutAfter = 0; cutAfter < places; cutAfter += stride) {
      outcomes.add(await outcomeOf(operation, disturbance, cutAfter));
    }
    expect(outcomes.size, Array.from(outcomes).join()).toBe(1);
    table.set(`${disturbance.name} ${operation.name}`, `\`${Array.from(outcomes)[0]}\``.replace('`done`', 'done'));
  });
});

it('docs/faults-redis.md says so', async () => {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const lines = [
    '# What RedisStore does when Redis fails',
    '',
    'Observed with a real server and the client settings that the README recommends. Made by',
    '`npx vitest run packages/redis/test/faults.test.ts -u`; the tests fail where it is out of date.',
    '`STORE_UNAVAILABLE` and `STORE_TIMEOUT`: nothing was written. `STORE_AMBIGUOUS`: all or nothing was.',
    '',
    row(['', ...operations.map(({ name }) => `\`${name}\``)]),
    row(['---', ...operations.map(() => '---')]),
    ...disturbances.map(({ name }) =>
      row([name, ...operations.map((operation) => table.get(`${name} ${operation.name}`) ?? '')]),
    ),
    '',
  ];
  await expect(lines.join('\n')).toMatchFileSnapshot('../../../docs/faults-redis.md');
});
