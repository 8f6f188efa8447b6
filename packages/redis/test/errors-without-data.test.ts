import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { generateToken, idOf, isStoreError, type SessionRecord } from '@stet/core';
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from '@stet/services';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromNodeRedis, type RedisClient, RedisStore } from '../src/index.ts';
import { connection } from './target.ts';

const expiresAt = Date.UTC(2100, 0);
const inData = 'canary-in-data';
const inSubject = 'canary-in-subject';
const draft = { data: inData, expiresAt, subject: inSubject };

let server: RedisServer;
let proxy: FaultProxy;
let admin: Redis;

beforeAll(async () => {
  server = await startRedis();
  proxy = await startFaultProxy(server.port);
  admin = new Redis(server.port, connection).on('error', () => {});
});
afterAll(async () => {
  admin.disconnect();
  await proxy.close();
  await server.stop();
});

async function ioredis(): Promise<{ client: RedisClient; leave: () => unknown }> {
  const client = new Redis(proxy.port, { ...connection, lazyConnect: true }).on('error', () => {});
  await client.connect();
  return { client, leave: () => client.disconnect() };
}

async function nodeRedis(): Promise<{ client: RedisClient; leave: () => unknown }> {
  const client = createClient({ url: `redis://127.0.0.1:${proxy.port}`, socket: { reconnectStrategy: 20 } });
  await client.on('error', () => {}).connect();
  return { client: fromNodeRedis(client), leave: () => client.destroy() };
}

interface Failure {
  readonly name: string;
  begin(key: string): Promise<unknown>;
  end(): Promise<unknown>;
}

const failures: readonly Failure[] = [
  {
    name: 'OOM',
    begin: () => admin.config('SET', 'maxmemory', '1'),
    end: () => admin.config('SET', 'maxmemory', '0'),
  },
  {
    name: 'NOPERM',
    begin: () => admin.acl('SETUSER', 'default', '-@all', '+acl', '+info', '+hello', '+client', '+auth'),
    end: () => admin.acl('SETUSER', 'default', '+@all'),
  },
  {
    name: 'NOAUTH',
    async begin() {
      await admin.config('SET', 'requirepass', 'secret');
      proxy.cut();
    },
    end: () => admin.config('SET', 'requirepass', ''),
  },
  {
    name: 'WRONGTYPE',
    async begin(key) {
      await admin.del(key);
      await admin.rpush(key, inData);
    },
    end: () => admin.flushall(),
  },
  {
    name: 'a value that cannot be read',
    begin: (key) => admin.append(key, inData),
    end: () => admin.flushall(),
  },
  {
    name: 'an unknown command',
    begin: () => admin.acl('SETUSER', 'default', '-eval', '-evalsha', '-get', '-zscan', '-scan'),
    end: () => admin.acl('SETUSER', 'default', '+@all'),
  },
  {
    name: 'a lost connection',
    begin: () => proxy.set('refuse'),
    end: () => proxy.set('none'),
  },
  {
    name: 'a server that does not answer',
    begin: () => proxy.set('stall'),
    end: () => proxy.set('none'),
  },
];

describe.each([
  ['ioredis', ioredis],
  ['redis', nodeRedis],
])('with the client of %s, no error and no event tells data, a subject or an id', (_, connect) => {
  it.each(failures)('$name', async ({ begin, end }) => {
    const { client, leave } = await connect();
    const store = new RedisStore({ client, timeoutMs: 300 });
    const id = idOf(generateToken());
    const record = (await store.create(id, draft)) as SessionRecord;
    const entry = await store.loadOrLease(id);
    const token = entry.status === 'hit' ? entry.token : '';
    const events: unknown[] = [];
    const listen = (message: unknown): void => void events.push((message as { error: unknown }).error);
    subscribe('stet:corrupt-record', listen);
    await begin(`sess:${id}`);
    const ended = await Promise.allSettled([
      store.load(id),
      store.create(id, draft),
      store.update(id, record, { ...draft, data: `${inData} changed` }),
      store.touch(id, expiresAt + 1),
      store.loadOrLease(id),
      store.replaceIf(id, token, record),
      store.bySubject(inSubject),
      Array.fromAsync(store.entries()),
      store.delete(id),
    ]);
    unsubscribe('stet:corrupt-record', listen);
    await end();
    await leave();
    const errors = ended.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(errors.length).toBeGreaterThan(0);
    for (const error of [...errors, ...events]) {
      expect(isStoreError(error), inspect(error)).toBe(true);
      const everything = inspect(error, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null });
      for (const secret of [inData, inSubject, id, token]) expect(everything).not.toContain(secret);
    }
  });
});
