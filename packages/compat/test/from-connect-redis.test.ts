import { randomUUID } from 'node:crypto';
import { idOf, MemoryStore } from '@stet/core';
import { RedisStore } from '@stet/redis';
import { freePort, startFaultProxy, startRedisCluster } from '@stet/services';
import { RedisStore as ConnectRedis } from 'connect-redis';
import { Cluster, Redis } from 'ioredis';
import { createCluster, type RedisClientType } from 'redis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectRedis, moveIn } from '../src/from.ts';
import type { Library } from './from/library.ts';
import { movesInFrom } from './from/moving-in-from.ts';
import { nodeRedis, redisServer } from './support/stores.ts';

async function ioredis(): Promise<Redis> {
  const client = new Redis((await redisServer()).url, { maxRetriesPerRequest: 0 });
  onTestFinished(() => client.disconnect());
  return client;
}

async function open(prefix: string, clientOf: () => Promise<Redis | RedisClientType>): Promise<Library> {
  const redis = await ioredis();
  await redis.flushall();
  // What a careless pattern would meet.
  for (const key of ['sess', 'sess1', 'a', 'ab', '*', 'a?x', `${prefix.slice(0, -1)}x`])
    await redis.set(key, '{"cookie":{}}');
  const nobody = new Redis({ port: await freePort(), lazyConnect: true, retryStrategy: () => null });
  nobody.on('error', () => {});
  onTestFinished(() => nobody.disconnect());
  return {
    store: new ConnectRedis({ client: await nodeRedis(), prefix }),
    from: connectRedis({ client: await clientOf(), prefix }),
    async refused(sid) {
      await redis.del(prefix + sid);
      await redis.sadd(prefix + sid, 'x');
      return connectRedis({ client: await clientOf(), prefix });
    },
    unreachable: connectRedis({ client: nobody, prefix }),
    async remaining() {
      const keys = await redis.keys('*');
      return keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
    },
    spoil: async (sid) => redis.set(prefix + sid, ((await redis.get(prefix + sid)) ?? '').slice(0, -1)),
    expire: (sid) => redis.pexpireat(prefix + sid, 1),
  };
}

movesInFrom('connect-redis, read with ioredis', () => open('sess:', ioredis));
movesInFrom('connect-redis, read with node-redis', () => open('sess:', nodeRedis));
movesInFrom('connect-redis with a prefix like a pattern', () => open('[a]*?^-\\', ioredis));

const cookie = { originalMaxAge: 60_000, expires: new Date(Date.now() + 60_000).toISOString() };

describe('connect-redis', () => {
  test('sessions can move to a RedisStore of the same prefix, and be read from beside it', async () => {
    const { store, from, remaining } = await open('sess:', ioredis);
    const to = new RedisStore({ client: await ioredis() });
    const hexSid = idOf('as some applications make theirs');
    for (const sid of ['one', hexSid]) await new Promise((resolve) => store.set(sid, { cookie } as never, resolve));
    const subject = { data: '{}', expiresAt: Date.now() + 60_000, subject: 'user-7' };
    await to.create(idOf('new'), subject);
    expect((await Array.fromAsync(moveIn({ from, to }))).sort()).toEqual([hexSid, 'one'].sort());
    expect(await Array.fromAsync(from.entries())).toEqual([]);
    await expect(from.load(idOf('new'))).resolves.toBeNull();
    await expect(from.delete(idOf('new'))).resolves.toBe(false);
    const ids = ['one', hexSid, 'new'].map(idOf);
    expect((await Array.fromAsync(to.entries())).map(([id]) => id).sort()).toEqual(ids.sort());
    expect((await remaining()).filter((key) => !key.startsWith('@')).sort()).toEqual(ids);
  });

  test('a key without end lasts a whole life of its cookie, or a day, from when it is read', async () => {
    const { from } = await open('sess:', ioredis);
    const redis = await ioredis();
    await redis.set('sess:short', JSON.stringify({ cookie: { ...cookie, expires: new Date(1).toISOString() } }));
    await redis.set('sess:browser', JSON.stringify({ cookie: { originalMaxAge: null, expires: null } }));
    const livesMs = async (sid: string) => ((await from.load(sid))?.expiresAt ?? 0) - Date.now();
    expect(await livesMs('short')).toBeCloseTo(60_000, -4);
    expect(await livesMs('browser')).toBeCloseTo(86_400_000, -4);
  });

  test('a key of another type is left alone, and says so', async () => {
    const { from } = await open('sess:', ioredis);
    const redis = await ioredis();
    await redis.sadd('sess:set', 'x');
    await expect(from.load('set')).rejects.toMatchObject({ code: 'STORE_CORRUPT_RECORD', cause: expect.any(Error) });
    expect(await Array.fromAsync(moveIn({ from, to: new MemoryStore() }))).toEqual([]);
    expect(await redis.scard('sess:set')).toBe(1);
  });

  test('a server that does not answer is waited for as long as a call may take', async () => {
    const server = await redisServer();
    const proxy = await startFaultProxy(server.port);
    onTestFinished(() => proxy.close());
    const client = new Redis(proxy.port);
    onTestFinished(() => client.disconnect());
    const from = connectRedis({ client, timeoutMs: 100 });
    expect(await from.load('one')).toBeNull();
    await proxy.set('stall');
    await expect(from.load('one')).rejects.toMatchObject({ code: 'STORE_TIMEOUT' });
    await expect(Array.fromAsync(from.entries())).rejects.toMatchObject({ code: 'STORE_TIMEOUT' });
    await expect(from.delete('one')).rejects.toMatchObject({ code: 'STORE_AMBIGUOUS' });
  });

  test('many keys are found, each once', async () => {
    const { from } = await open('sess:', nodeRedis);
    const redis = await ioredis();
    const sids = Array.from({ length: 2_500 }, () => randomUUID());
    await redis.mset(sids.flatMap((sid) => [`sess:${sid}`, '{"cookie":{}}']));
    const found = (await Array.fromAsync(from.entries())).map(([sid]) => sid);
    expect(found.sort()).toEqual(sids.sort());
  });

  test('in a cluster the keys of all its masters are found and moved, by either client', async () => {
    const cluster = await startRedisCluster();
    onTestFinished(() => cluster.stop());
    const redis = new Cluster(cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })));
    onTestFinished(() => redis.disconnect());
    const rootNodes = cluster.nodes.map(({ url }) => ({ url }));
    const node = await createCluster({ rootNodes }).connect();
    onTestFinished(() => node.destroy());
    for (const client of [redis, node]) {
      const sids = Array.from({ length: 30 }, () => randomUUID());
      await Promise.all(sids.map((sid) => redis.set(`sess:${sid}`, '{"cookie":{}}')));
      const moved = await Array.fromAsync(moveIn({ from: connectRedis({ client }), to: new MemoryStore() }));
      expect(moved.sort()).toEqual(sids.sort());
      expect(await Promise.all(sids.map((sid) => redis.exists(`sess:${sid}`)))).toEqual(sids.map(() => 0));
    }
  });

  test('a client that is none, or prefixes keys by itself, is refused', async () => {
    expect(() => connectRedis({ client: {} as never })).toThrow(TypeError);
    const client = new Redis({ lazyConnect: true, keyPrefix: 'app:' });
    expect(() => connectRedis({ client })).toThrow(TypeError);
  });
});
