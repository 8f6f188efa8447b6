import { generateToken, idOf, type SessionRecord } from '@stet/core';
import { type RedisServer, startRedis } from '@stet/services';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisStore } from '../src/index.ts';
import { connection } from './target.ts';

let server: RedisServer;
let client: Redis;

beforeAll(async () => {
  server = await startRedis();
  client = new Redis(server.port, connection);
});
afterAll(async () => {
  client.disconnect();
  await server.stop();
});

const dayMs = 86_400_000;

describe.each([-400 * dayMs, -3_600_000, 3_600_000, 400 * dayMs])('a clock that is %i ms off the server’s', (offMs) => {
  let clock = Date.now() + offMs;
  const now = (): number => clock;

  it('ends a session at its expiry, neither sooner nor later', async () => {
    const store = new RedisStore({ client, now });
    const id = idOf(generateToken());
    const expiresAt = clock + 60_000;
    const record = (await store.create(id, { data: '', expiresAt })) as SessionRecord;
    clock = expiresAt - 1;
    expect(await store.load(id)).toEqual(record);
    expect(await store.touch(id, expiresAt + 10)).toBe(true);
    clock = expiresAt + 9;
    expect(await store.load(id)).toMatchObject({ expiresAt: expiresAt + 10 });
    clock = expiresAt + 10;
    expect(await store.load(id)).toBeNull();
    expect(await store.update(id, record, { data: '', expiresAt: clock + 1 })).toEqual({ status: 'gone' });
    expect(await store.touch(id, clock + 1)).toBe(false);
    expect(await store.delete(id)).toBe(false);
  });

  it('keeps a session in memory no longer than it lives, and the mark of its end for a minute', async () => {
    const store = new RedisStore({ client, now, timeoutMs: 1_000 });
    const id = idOf(generateToken());
    await store.create(id, { data: '', expiresAt: clock + 600_000 });
    const left = await client.pttl(`sess:${id}`);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(600_000);
    await store.delete(id);
    const leftOfMark = await client.pttl(`sess:${id}`);
    expect(leftOfMark).toBeGreaterThan(0);
    expect(leftOfMark).toBeLessThanOrEqual(60_000);
  });
});
