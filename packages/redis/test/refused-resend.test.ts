import { generateToken, idOf, type SessionRecord, Sessions } from '@stet/core';
import { askRedis, type FaultProxy, type RedisServer, startFaultProxy, startRedis, untilAnswer } from '@stet/services';
import { Cluster, Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fromNodeRedis, RedisStore } from '../src/index.ts';
import { operations, prepare } from './operations.ts';
import { connection } from './target.ts';

const expiresAt = Date.UTC(2100, 0);
const draft = { data: 'mine', expiresAt };

let server: RedisServer;
let proxy: FaultProxy;
let direct: Redis;
let unharmed: RedisStore;
const clients: Redis[] = [];

beforeAll(async () => {
  server = await startRedis();
  proxy = await startFaultProxy(server.port);
  direct = new Redis(server.port, connection);
  unharmed = new RedisStore({ client: direct });
  // The server knows the scripts from here on.
  for (const operation of operations) await operation.run(unharmed, await prepare(unharmed));
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await proxy.set('none');
});
afterAll(async () => {
  direct.disconnect();
  await proxy.close();
  await server.stop();
});

async function proxied(over: { enableOfflineQueue?: boolean } = {}): Promise<Redis> {
  const client = new Redis(proxy.port, { ...connection, ...over, lazyConnect: true }).on('error', () => {});
  clients.push(client);
  await client.connect();
  return client;
}

/** Makes the update and loses its reply; `beforeTheSecond` decides what becomes of the second sending. */
async function updateSentTwice(
  store: RedisStore,
  beforeTheSecond: () => Promise<unknown>,
  beforeTheFirst: () => Promise<unknown> = async () => {},
): Promise<unknown> {
  const { id, record } = await prepare(unharmed);
  await store.load(id);
  await beforeTheFirst();
  await proxy.set('stall replies');
  const ended = store.update(id, record, draft).catch((error: unknown) => error);
  while ((await unharmed.load(id))?.data !== 'mine') await new Promise(setImmediate);
  await beforeTheSecond();
  return ended;
}

const ambiguous = expect.objectContaining({ code: 'STORE_AMBIGUOUS', retryable: false });

describe('an update that was done, and whose second sending is refused, is ambiguous', () => {
  it('where the driver does not queue what it cannot send', async () => {
    const store = new RedisStore({ client: await proxied({ enableOfflineQueue: false }) });
    const ended = await updateSentTwice(store, async () => {
      await proxy.set('refuse');
    });
    expect(ended).toEqual(ambiguous);
  });

  it('where the server now asks for a password', async () => {
    const store = new RedisStore({ client: await proxied() });
    const ended = await updateSentTwice(store, async () => {
      await direct.config('SET', 'requirepass', 'secret');
      await proxy.set('refuse');
      await proxy.set('none');
    });
    await direct.config('SET', 'requirepass', '');
    expect(ended).toEqual(ambiguous);
  });

  it('where a client of redis has been destroyed', async () => {
    const client = createClient({ url: `redis://127.0.0.1:${proxy.port}` }).on('error', () => {});
    await client.connect();
    const store = new RedisStore({ client: fromNodeRedis(client) });
    const ended = await updateSentTwice(store, async () => client.destroy());
    expect(ended).toEqual(ambiguous);
  });

  it.each([
    ['lags behind by the update', true],
    ['lags behind by the whole session', false],
  ])('where a replica that %s has taken the place of the server', async (_, hasTheSession) => {
    const replica = await startRedis();
    const store = new RedisStore({ client: await proxied() });
    const ended = await updateSentTwice(
      store,
      async () => {
        proxy.leadTo(replica.port);
        await proxy.set('refuse');
        await proxy.set('none');
      },
      async () => {
        if (hasTheSession) {
          await askRedis(replica.port, 'replicaof', '127.0.0.1', String(server.port));
          await untilAnswer('master_link_status:up', replica.port, 'info', 'replication');
        }
        await askRedis(replica.port, 'replicaof', '127.0.0.1', '1');
        await untilAnswer('role:slave', replica.port, 'info', 'replication');
      },
    );
    proxy.leadTo(server.port);
    await replica.stop();
    expect(ended).toEqual(ambiguous);
  });
});

it('a refusal of the only sending is certain: nothing was written', async () => {
  const store = new RedisStore({ client: await proxied({ enableOfflineQueue: false }) });
  const { id, record } = await prepare(unharmed);
  await proxy.set('refuse');
  await expect.poll(() => clients[0]?.status).not.toBe('ready');
  const refused = { code: 'STORE_UNAVAILABLE', retryable: true };
  await expect(store.update(id, record, draft)).rejects.toMatchObject(refused);
  expect(await unharmed.load(id)).toEqual(record);
});

it('a rotation whose claim was done keeps its successor, whatever became of the second sending', async () => {
  const store = new RedisStore({ client: await proxied({ enableOfflineQueue: false }) });
  const sessions = new Sessions<{ cart: string[] }>({ store });
  const session = await sessions.open(undefined);
  session.data.cart = ['book'];
  await session.save();
  const old = idOf(String(session.token));
  await proxy.set({ cutReplyAfter: 0, to: new RegExp(old) });
  await expect(session.regenerate()).rejects.toMatchObject({ code: 'STORE_AMBIGUOUS' });
  const left = await Array.fromAsync(unharmed.entries());
  const successors = left.filter(([id, { data }]) => id !== old && data.includes('book'));
  expect(successors).toHaveLength(1);
});

describe('a client that sends writes again by itself is refused, because nobody sees it', () => {
  const settings: ReadonlyArray<readonly [string, () => Redis | Cluster, RegExp]> = [
    ['the defaults of Redis', () => new Redis({ lazyConnect: true }), /maxRetriesPerRequest: 0/],
    ['no limit', () => new Redis({ lazyConnect: true, maxRetriesPerRequest: null }), /maxRetriesPerRequest: 0/],
    ['the defaults of Cluster', () => new Cluster([{ port: 1 }], { lazyConnect: true }), /retryDelayOnFailover: 0/],
    [
      'nodes of a Cluster that connect again',
      () =>
        new Cluster([{ port: 1 }], { lazyConnect: true, retryDelayOnFailover: 0, clusterNodeRetryStrategy: () => 10 }),
      /maxRetriesPerRequest: 0/,
    ],
  ];
  it.each(settings)('%s', (_, make, advice) => {
    expect(() => new RedisStore({ client: make() })).toThrow(TypeError);
    expect(() => new RedisStore({ client: make() })).toThrow(advice);
  });
});

it('a Cluster that pipelines by itself is refused, because it does not follow MOVED', () => {
  const client = new Cluster([{ port: 1 }], {
    lazyConnect: true,
    retryDelayOnFailover: 0,
    enableAutoPipelining: true,
  });
  expect(() => new RedisStore({ client })).toThrow(/without enableAutoPipelining/);
});

it('no session is lost by an outage of a moment', async () => {
  const store = new RedisStore({ client: await proxied() });
  const id = idOf(generateToken());
  const record = (await store.create(id, { data: '0', expiresAt })) as SessionRecord;
  await proxy.set({ cutReplyAfter: 0 });
  await expect(store.update(id, record, draft)).resolves.toMatchObject({ status: 'updated' });
});
