import { generateToken, idOf } from '@stet/core';
import { type RedisServer, startRedis } from '@stet/services';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisStore } from '../src/index.ts';
import { connection } from './target.ts';

let server: RedisServer;
let client: Redis;
let store: RedisStore;
const expiresAt = Date.UTC(2100, 0);

beforeAll(async () => {
  server = await startRedis();
  client = new Redis(server.port, connection);
  store = new RedisStore({ client });
});
afterAll(async () => {
  client.disconnect();
  await server.stop();
});

async function newSession(data = 'data'): Promise<{ id: string; key: string; value: Buffer }> {
  const id = idOf(generateToken());
  await store.create(id, { data, expiresAt, createdAt: 12_345, subject: 'user-7' });
  const key = `sess:${id}`;
  return { id, key, value: (await client.getBuffer(key)) as Buffer };
}

describe('the value of a session', () => {
  it('is what the README says', async () => {
    const { value } = await newSession('{"cart":["té"]}');
    const form =
      /^s1([\w-]{16})\1\1-{16}(\d{16})(0{11}12345)(0004102444800000)(000\d{13})(000\d{13})(0{14}23)user-7\0\{"cart":\["té"\]\}$/;
    expect(String(value)).toMatch(form);
  });

  it('expires by itself, when no clock of a store says otherwise', async () => {
    const { key } = await newSession();
    const left = await client.pttl(key);
    expect(Math.abs(Date.now() + left - expiresAt)).toBeLessThan(5_000);
  });
});

/** What has come into the place of a session by somebody else's doing. */
const foreign: ReadonlyArray<readonly [what: string, put: (key: string, value: Buffer) => Promise<unknown>]> = [
  ['an empty string', (key) => client.set(key, '')],
  ['a session of express-session', (key) => client.set(key, '{"cookie":{}}')],
  ['a session that was cut off', (key, value) => client.set(key, value.subarray(0, -1))],
  ['a session that was cut off in its header', (key, value) => client.set(key, value.subarray(0, 60))],
  ['a session that was appended to', (key) => client.append(key, 'x')],
  ['a session of another format', (key) => client.setrange(key, 0, 's2')],
  ['a session with a revision that is none', (key) => client.setrange(key, 70, 'x')],
  ['a session with an expiry that is none', (key) => client.setrange(key, 100, '-')],
  ['a session with a length that is none', (key) => client.setrange(key, 161, ' ')],
  ['a session that is no text', (key) => client.setrange(key, 170, Buffer.from([0xff]) as unknown as string)],
  ['a hash', async (key) => [await client.del(key), await client.hset(key, 'field', 'x')]],
  ['a list', async (key) => [await client.del(key), await client.rpush(key, 'x')]],
];

describe.each(foreign)('%s', (_, put) => {
  it('is reported as corrupt and left as it is, until it is deleted', async () => {
    const { id, key, value } = await newSession();
    await put(key, value);
    const before = await client.dump(key);
    const corrupt = expect.objectContaining({ code: 'STORE_CORRUPT_RECORD' });
    const base = { data: 'data', expiresAt, revision: 1, createdAt: 12_345 };
    await expect(store.load(id)).rejects.toEqual(corrupt);
    const inTheHeader =
      !String(await client.type(key)).startsWith('string') || !isReadable(await client.getBuffer(key));
    if (inTheHeader) {
      await expect(store.create(id, base)).rejects.toEqual(corrupt);
      await expect(store.update(id, base, base)).rejects.toEqual(corrupt);
      await expect(store.touch(id, expiresAt + 1)).rejects.toEqual(corrupt);
      await expect(store.loadOrLease(id)).rejects.toEqual(corrupt);
      await expect(store.replaceIf(id, 'token', base)).rejects.toEqual(corrupt);
      expect(await client.dump(key)).toBe(before);
    }
    expect(await store.delete(id)).toBe(true);
    expect(await store.load(id)).toBeNull();
  });
});

/** Scripts see the header and the length; that a text is no text only shows to readers. */
function isReadable(value: Buffer | null): boolean {
  return (
    value !== null &&
    /^s1[\w-]{64}\d{96}/.test(value.toString('latin1')) &&
    value.length === 162 + Number(value.subarray(146, 162))
  );
}
