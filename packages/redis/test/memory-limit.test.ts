import { generateToken, idOf } from '@stet/core';
import { type RedisServer, startRedis } from '@stet/services';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RedisStore } from '../src/index.ts';
import { connection } from './target.ts';

const expiresAt = Date.UTC(2100, 0);
const newId = (): string => idOf(generateToken());

let server: RedisServer;
let client: Redis;
let store: RedisStore;
/** Sessions that were there before the memory was full. */
const ids: string[] = [];

/** Signs visitors in until the server has reached its `maxmemory`, which refuses the next. */
beforeAll(async () => {
  server = await startRedis({ args: ['--maxmemory', '4mb', '--maxmemory-policy', 'noeviction'] });
  client = new Redis(server.port, connection);
  store = new RedisStore({ client });
  const data = 'x'.repeat(10_000);
  for (;;) {
    const id = newId();
    try {
      await store.create(id, { data, expiresAt, subject: `user-${ids.length}` });
      ids.push(id);
    } catch (error) {
      expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
      break;
    }
  }
  // The buffers of connections come and go: without this they would let a sign-in pass now and then.
  await client.config('SET', 'maxmemory', '3mb');
});
afterAll(async () => {
  client.disconnect();
  await server.stop();
});

const usedMemory = async (): Promise<number> =>
  Number(/used_memory_dataset:(\d+)/.exec(await client.info('memory'))?.[1]);

it('sign-ins that are refused take no memory', async () => {
  const keys = await client.dbsize();
  const before = await usedMemory();
  const draft = { data: '', expiresAt };
  for (let n = 0; n < 20; n += 1) {
    const refused = await Promise.allSettled(
      Array.from({ length: 100 }, (_, at) => store.create(newId(), { ...draft, subject: `late ${n} ${at}` })),
    );
    for (const each of refused)
      expect(each).toMatchObject({ status: 'rejected', reason: { code: 'STORE_UNAVAILABLE' } });
  }
  // And so it is where the subject has a session already.
  await Promise.allSettled(ids.slice(0, 50).map((_, n) => store.create(newId(), { ...draft, subject: `user-${n}` })));
  const listed = await Promise.all((await client.keys('sess:@*')).map((key) => client.zcard(key)));
  expect(listed.every((count) => count === 1)).toBe(true);
  expect(await client.dbsize()).toBe(keys);
  expect((await usedMemory()) - before).toBeLessThan(2_000 * 60);
});

it('sessions can be ended all the same, for good, and that gives memory back', async () => {
  const [updated = '', deleted = ''] = ids;
  const before = await sizeOf(updated, deleted);
  const record = await store.load(updated);
  if (!record) throw new Error('The session is gone.');
  await expect(store.update(updated, record, { data: 'end', expiresAt: 0 })).resolves.toMatchObject({
    status: 'updated',
  });
  await expect(store.delete(deleted)).resolves.toBe(true);
  expect([await store.load(updated), await store.load(deleted)]).toEqual([null, null]);
  // A mark stays, by which a call that is sent again is told what became of it. It has no data.
  expect(await client.exists(`sess:${updated}`, `sess:${deleted}`)).toBe(2);
  expect(await sizeOf(updated, deleted)).toBeLessThan(before / 10);
});

async function sizeOf(...some: readonly string[]): Promise<number> {
  const sizes = await Promise.all(some.map((id) => client.memory('USAGE', `sess:${id}`)));
  return sizes.reduce<number>((sum, size) => sum + Number(size), 0);
}
