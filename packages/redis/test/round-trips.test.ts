import {
  type FaultProxy,
  type RedisCluster,
  type RedisServer,
  startFaultProxy,
  startRedis,
  startRedisCluster,
} from '@stet/services';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RedisStore } from '../src/index.ts';
import { operations, prepare } from './operations.ts';
import { clusterConnection, connection } from './target.ts';

const later = Date.UTC(2100, 0);

/** The names of the commands that went to the server, one list for each round trip. */
function commandsOf(proxies: readonly FaultProxy[]): string[][] {
  return proxies
    .flatMap(({ exchanges }) => exchanges)
    .map(({ request }) =>
      Array.from(String(request).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g), ([, name]) => String(name).toUpperCase()),
    )
    .filter((commands) => !commands.includes('CLUSTER'));
}

describe('on a single server', () => {
  let server: RedisServer;
  let proxy: FaultProxy;
  let client: Redis;
  let store: RedisStore;

  beforeAll(async () => {
    server = await startRedis();
    proxy = await startFaultProxy(server.port);
    client = new Redis(proxy.port, connection);
    store = new RedisStore({ client });
    for (const operation of operations) await operation.run(store, await prepare(store));
    await store.create('a'.repeat(64), { data: '', expiresAt: later, subject: 'warm-up' });
    await store.delete('a'.repeat(64));
    while ((await client.keys('sess:@*')).length > 0) await new Promise(setImmediate);
  });
  afterAll(async () => {
    client.disconnect();
    await proxy.close();
    await server.stop();
  });

  it.each(operations)('$name is one command', async (operation) => {
    const before = await prepare(store);
    proxy.forget();
    await operation.run(store, before);
    expect(commandsOf([proxy])).toEqual([[operation.name === 'load' ? 'GET' : 'EVALSHA']]);
  });

  it('with a subject create is two commands in one round trip, as is an update that changes it', async () => {
    const id = 'b'.repeat(64);
    proxy.forget();
    const record = await store.create(id, { data: '', expiresAt: later, subject: 'user-7' });
    expect(commandsOf([proxy])).toEqual([['EVALSHA', 'EVALSHA']]);
    proxy.forget();
    if (record) await store.update(id, record, { data: 'new', expiresAt: later, subject: 'user-8' });
    expect(commandsOf([proxy])[0]).toEqual(['EVALSHA', 'EVALSHA']);
    // It leaves the index of the subject that it had; nobody waits for that.
    await expect.poll(() => commandsOf([proxy])).toEqual([['EVALSHA', 'EVALSHA'], ['EVALSHA']]);
  });

  it('with a subject an update that leaves it is one command, and so is a touch', async () => {
    const id = 'e'.repeat(64);
    const record = await store.create(id, { data: '', expiresAt: later, subject: 'user-7' });
    proxy.forget();
    if (record) await store.update(id, record, { data: 'new', expiresAt: later + 60_000, subject: 'user-7' });
    expect(commandsOf([proxy])).toEqual([['EVALSHA']]);
    proxy.forget();
    await store.touch(id, later + 120_000);
    expect(commandsOf([proxy])).toEqual([['EVALSHA']]);
  });

  it('a session that is put off by more than its whole life is listed anew, in the round trip in which it is written', async () => {
    const id = 'f'.repeat(64);
    const soon = Date.now() + 60_000;
    await store.create(id, { data: '', expiresAt: soon, subject: 'user-7' });
    proxy.forget();
    await store.touch(id, soon + 86_400_000);
    expect(commandsOf([proxy])).toEqual([['EVALSHA'], ['EVALSHA', 'EVALSHA']]);
  });

  it('the subject is listed before the session is written', async () => {
    proxy.forget();
    await store.create('c'.repeat(64), { data: '', expiresAt: later, subject: 'user-7' });
    const request = String(proxy.exchanges[0]?.request);
    expect(request.indexOf('sess:@')).toBeGreaterThan(0);
    expect(request.indexOf('sess:@')).toBeLessThan(request.indexOf(`sess:${'c'.repeat(64)}`));
  });

  it('overlapping calls share round trips', async () => {
    const ids = Array.from({ length: 50 }, (_, n) => String(n).padStart(64, '0'));
    proxy.forget();
    await Promise.all(ids.map((id) => store.load(id)));
    expect(proxy.exchanges).toHaveLength(1);
  });
});

describe('in a cluster', () => {
  const host = '127.0.0.1';
  let cluster: RedisCluster;
  let proxies: FaultProxy[];
  let client: Cluster;
  let store: RedisStore;

  beforeAll(async () => {
    cluster = await startRedisCluster();
    proxies = await Promise.all(cluster.nodes.map(({ port }) => startFaultProxy(port)));
    const behind = cluster.nodes.map(({ port }, at) => [`${host}:${port}`, { host, port: Number(proxies[at]?.port) }]);
    client = new Cluster([{ host, port: Number(proxies[0]?.port) }], {
      ...clusterConnection,
      natMap: Object.fromEntries(behind),
    });
    store = new RedisStore({ client });
    // Each node gets to know the scripts.
    for (let n = 0; n < 60; n += 1) {
      for (const operation of operations) await operation.run(store, await prepare(store));
      await store.create(String(n).padStart(64, '0'), { data: '', expiresAt: later, subject: `warm-up ${n}` });
    }
  });
  afterAll(async () => {
    client.disconnect();
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await cluster.stop();
  });
  beforeEach(() => {
    for (const proxy of proxies) proxy.forget();
  });

  it.each(operations)('$name is one command', async (operation) => {
    const before = await prepare(store);
    for (const proxy of proxies) proxy.forget();
    await operation.run(store, before);
    expect(commandsOf(proxies)).toEqual([[operation.name === 'load' ? 'GET' : 'EVALSHA']]);
  });

  it('an update and a touch of a session with a subject are one command', async () => {
    const id = 'a'.repeat(64);
    const record = await store.create(id, { data: '', expiresAt: later, subject: 'user-7' });
    for (const proxy of proxies) proxy.forget();
    if (record) await store.update(id, record, { data: 'new', expiresAt: later + 1, subject: 'user-7' });
    await store.touch(id, later + 2);
    expect(commandsOf(proxies)).toEqual([['EVALSHA'], ['EVALSHA']]);
  });

  it('create with a subject is two commands, each to the node of its key', async () => {
    await store.create('d'.repeat(64), { data: '', expiresAt: later, subject: 'user-7' });
    expect(commandsOf(proxies)).toEqual([['EVALSHA'], ['EVALSHA']]);
  });
});
