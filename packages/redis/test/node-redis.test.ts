import { generateToken, idOf, isStoreError, type SessionRecord } from '@stet/core';
import { type FaultProxy, type RedisSentinel, startFaultProxy, startRedis, startRedisSentinel } from '@stet/services';
import { Redis } from 'ioredis';
import { createClient, createSentinel, RESP_TYPES } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromNodeRedis, type RedisClient, RedisStore } from '../src/index.ts';
import { operations, prepare } from './operations.ts';
import { connection } from './target.ts';

const draft = { data: 'mine', expiresAt: Date.UTC(2100, 0) };
const host = '127.0.0.1';

describe('what is no client', () => {
  const wrong: ReadonlyArray<readonly [string, unknown]> = [
    ['undefined', undefined],
    ['an address', 'redis://127.0.0.1'],
    ['a client of ioredis', {}],
  ];
  it.each(wrong)('is refused: %s', (_, client) => {
    expect(() => fromNodeRedis(client as never)).toThrow(TypeError);
  });

  it('is a mistake of the program, not an outage, where it only shows in a call', async () => {
    const mistaken: RedisClient = {
      call: async () => (undefined as unknown as { cursor: string }).cursor,
    };
    const store = new RedisStore({ client: mistaken });
    const id = idOf(generateToken());
    const record: SessionRecord = { ...draft, revision: 1, createdAt: 1 };
    const calls = [
      store.load(id),
      store.create(id, draft),
      store.update(id, record, draft),
      store.touch(id, 1),
      store.delete(id),
      store.loadOrLease(id),
      store.replaceIf(id, 'token', record),
      store.bySubject('user-7'),
      Array.fromAsync(store.entries()),
    ];
    for (const ended of await Promise.allSettled(calls)) {
      expect(ended).toMatchObject({ status: 'rejected', reason: expect.any(TypeError) });
      expect(isStoreError((ended as PromiseRejectedResult).reason)).toBe(false);
    }
  });
});

it('a client that gives Buffers gives text to the store', async () => {
  const server = await startRedis();
  const client = createClient({
    url: server.url,
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  });
  await client.connect();
  const store = new RedisStore({ client: fromNodeRedis(client) });
  const id = idOf(generateToken());
  const record = await store.create(id, { ...draft, subject: 'user-7' });
  expect(await store.load(id)).toEqual(record);
  expect(await store.bySubject('user-7')).toEqual([[id, record]]);
  client.destroy();
  await server.stop();
});

describe('behind Sentinel', () => {
  let group: RedisSentinel;
  let proxy: FaultProxy;
  let direct: Redis;
  let unharmed: RedisStore;
  let sentinel: Awaited<ReturnType<typeof connected>>;
  let store: RedisStore;

  const connected = () =>
    createSentinel({
      name: group.name,
      sentinelRootNodes: [...group.sentinels],
      nodeAddressMap: { [`${host}:${group.master.port}`]: { host, port: proxy.port } },
    })
      .on('error', () => {})
      .connect();

  beforeAll(async () => {
    group = await startRedisSentinel();
    proxy = await startFaultProxy(group.master.port);
    direct = new Redis(group.master.port, connection).on('error', () => {});
    unharmed = new RedisStore({ client: direct });
    for (const operation of operations) await operation.run(unharmed, await prepare(unharmed));
    sentinel = await connected();
    store = new RedisStore({ client: fromNodeRedis(sentinel) });
  });
  afterAll(async () => {
    await sentinel.destroy();
    direct.disconnect();
    await proxy.close();
    await group.stop();
  });

  it('the store knows of each sending, so that an update which others have built on is ambiguous, not a conflict', async () => {
    const { id, record } = await prepare(unharmed);
    await store.load(id);
    await proxy.set('stall replies');
    const ended = store.update(id, record, draft).catch((error: unknown) => error);
    let mine = await unharmed.load(id);
    while (mine?.data !== 'mine') mine = await unharmed.load(id);
    await unharmed.update(id, mine, { ...draft, data: 'mine and theirs' });
    await proxy.set('refuse');
    await proxy.set('none');
    expect(await ended).toMatchObject({ code: 'STORE_AMBIGUOUS' });
    expect(await unharmed.load(id)).toMatchObject({ data: 'mine and theirs' });
  });

  it('the store goes on with the next master after a failover', async () => {
    const id = idOf(generateToken());
    const record = (await store.create(id, draft)) as SessionRecord;
    await direct.wait(1, 0);
    process.kill(group.master.pid, 'SIGKILL');
    const loaded = (): Promise<unknown> => store.load(id).catch((error: { code: string }) => error.code);
    await expect.poll(loaded, { timeout: 50_000 }).toEqual(record);
    await expect(store.update(id, record, draft)).resolves.toMatchObject({ status: 'updated' });
  });
});
