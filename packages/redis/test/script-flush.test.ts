import { generateToken, idOf, type SessionRecord } from '@stet/core';
import { type RedisServer, startRedis } from '@stet/services';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisStore } from '../src/index.ts';
import { operations, prepare } from './operations.ts';
import { connection } from './target.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

describe.each([true, false])('with enableAutoPipelining: %s', (enableAutoPipelining) => {
  let client: Redis;
  let store: RedisStore;
  beforeAll(() => {
    client = new Redis(server.port, { ...connection, enableAutoPipelining });
    store = new RedisStore({ client });
  });
  afterAll(() => client.disconnect());

  it.each(operations)('SCRIPT FLUSH before $name is harmless', async (operation) => {
    const prepared = prepare(store);
    await expect(prepared).resolves.toBeDefined();
    const before = await prepared;
    await client.script('FLUSH');
    const result = await operation.run(store, before);
    expect(operation.isDone(result, await store.load(before.id))).toBe(true);
  });

  it('and so it is at any moment among calls that overlap', async () => {
    const ids = Array.from({ length: 30 }, () => idOf(generateToken()));
    const expiresAt = Date.now() + 60_000;
    const subject = `user ${enableAutoPipelining}`;
    const chains = ids.map(async (id) => {
      let record = (await store.create(id, { data: '0', expiresAt, subject })) as SessionRecord;
      for (let n = 1; n <= 20; n += 1) {
        if (n % 5 === 0) void client.script('FLUSH');
        const result = await store.update(id, record, { data: String(n), expiresAt, subject });
        if (result.status !== 'updated') throw new Error(`the update was ${result.status}`);
        record = result.record;
      }
      return record.data;
    });
    expect(new Set(await Promise.all(chains))).toEqual(new Set(['20']));
    expect(await store.bySubject(subject)).toHaveLength(30);
  });
});
