import { idOf, type SessionRecord } from '@stet/core';
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from '@stet/services';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RedisStore } from '../src/index.ts';
import { clusterConnection, connection } from './target.ts';

let server: RedisServer;
let proxy: FaultProxy;
let client: Redis;
let store: RedisStore;

beforeAll(async () => {
  server = await startRedis();
  proxy = await startFaultProxy(server.port);
  client = new Redis(proxy.port, connection);
  store = new RedisStore({ client, prefix: 'app:' });
  await store.load(idOf('warm-up'));
});
afterAll(async () => {
  client.disconnect();
  await proxy.close();
  await server.stop();
});

const hostile = [
  '',
  '*',
  '?',
  'a\r\nFLUSHALL\r\n',
  'a b',
  'a\0b',
  '{a}',
  'a{b}c',
  'a[b-c]',
  'a\\*',
  '@',
  'é',
  '\u202e',
  '__proto__',
  'x'.repeat(100),
]; // prettier-ignore

it.each(hostile.filter((text) => text !== '__proto__'))('the prefix %j is refused', (prefix) => {
  expect(() => new RedisStore({ client, prefix })).toThrow(TypeError);
});

it('an id that is none causes no traffic', async () => {
  const record = { data: '', expiresAt: 1, revision: 1, createdAt: 1 };
  proxy.forget();
  for (const id of [...hostile, `${'a'.repeat(64)}\n`, 'A'.repeat(64), `${'a'.repeat(63)}*`]) {
    await expect(store.load(id)).rejects.toThrow(TypeError);
    await expect(store.create(id, record)).rejects.toThrow(TypeError);
    await expect(store.update(id, record, record)).rejects.toThrow(TypeError);
    await expect(store.touch(id, 1)).rejects.toThrow(TypeError);
    await expect(store.delete(id)).rejects.toThrow(TypeError);
    await expect(store.loadOrLease(id)).rejects.toThrow(TypeError);
    await expect(store.replaceIf(id, '', record)).rejects.toThrow(TypeError);
  }
  expect(proxy.exchanges).toHaveLength(0);
});

/** The commands of a request, taken apart by the lengths that they state: what the server understands. */
function parsed(request: Buffer): string[][] {
  const commands: string[][] = [];
  let at = 0;
  const line = (): string => {
    const end = request.indexOf('\r\n', at);
    const text = request.toString('utf8', at, end);
    at = end + 2;
    return text;
  };
  while (at < request.length) {
    const count = Number(line().slice(1));
    commands.push(
      Array.from({ length: count }, () => {
        const length = Number(line().slice(1));
        const text = request.toString('utf8', at, at + length);
        at += length + 2;
        return text;
      }),
    );
  }
  return commands;
}

it('a subject is never part of a key, and texts are never commands', async () => {
  const expiresAt = Date.now() + 60_000;
  for (const subject of hostile.filter((text) => text !== '' && !text.includes('\0'))) {
    const id = idOf(subject);
    proxy.forget();
    await store.create(id, { data: subject, expiresAt, subject });
    const found = await store.bySubject(subject);
    expect(found).toEqual([[id, expect.objectContaining({ data: subject, subject })]]);
    await store.replaceIf(id, subject, found[0]?.[1] as SessionRecord);
    for (const [name, ...args] of proxy.exchanges.flatMap(({ request }) => parsed(request))) {
      expect(name).toMatch(/^(EVAL|EVALSHA|GET|ZSCAN)$/i);
      const key = name?.toUpperCase().startsWith('EVAL') ? args[2] : args[0];
      expect(key).toMatch(/^app:@?[0-9a-f]{64}$/);
    }
  }
});

it('the listing meets no key that is not a session of the prefix', async () => {
  const key = 'f'.repeat(64);
  for (const other of [`app:x${key}`, `app:${key}x`, `app:${key.slice(1)}G`, `apx:${key}`, `xapp:${key}`])
    await client.set(other, 'theirs');
  for await (const [id] of store.entries()) expect(await client.exists(`app:${id}`)).toBe(1);
});

it('a client whose settings break the guarantees is refused', () => {
  const refused = [
    new Redis(server.port, { ...connection, lazyConnect: true, keyPrefix: 'x:' }),
    new Redis({ ...connection, lazyConnect: true, sentinels: [{ port: 1 }], name: 'x', role: 'slave' }),
    new Cluster([{ port: 1 }], { ...clusterConnection, lazyConnect: true, scaleReads: 'slave' }),
  ];
  for (const client of refused) expect(() => new RedisStore({ client })).toThrow(TypeError);
  const cluster = new Cluster([{ port: 1 }], { ...clusterConnection, lazyConnect: true });
  expect(() => new RedisStore({ client: cluster, durability: { replicas: 1, timeoutMs: 1 } })).toThrow(TypeError);
  for (const timeoutMs of [0, -1, 0.5, Number.NaN])
    expect(() => new RedisStore({ client, timeoutMs })).toThrow(TypeError);
});
