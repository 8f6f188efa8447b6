import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from '@stet/services';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RedisStore } from '../src/index.ts';
import { operations, prepare } from './operations.ts';
import { connection } from './target.ts';

const expiresAt = Date.UTC(2100, 0);
let server: RedisServer;
let proxy: FaultProxy;
let proxied: Redis;
let direct: Redis;
let unharmed: RedisStore;

beforeAll(async () => {
  server = await startRedis();
  proxy = await startFaultProxy(server.port);
  proxied = new Redis(proxy.port, connection).on('error', () => {});
  direct = new Redis(server.port, connection);
  unharmed = new RedisStore({ client: direct });
  // The server knows the scripts from here on.
  for (const operation of operations) await operation.run(unharmed, await prepare(unharmed));
});
afterAll(async () => {
  for (const client of [proxied, direct]) client.disconnect();
  await proxy.close();
  await server.stop();
});

/** Makes the update, loses its reply, and lets others go on from it before it is sent again. */
async function updateThatOthersBuildOn(): Promise<{ ended: Promise<unknown>; id: string }> {
  const { id, record } = await prepare(unharmed);
  const store = new RedisStore({ client: proxied });
  await store.load(id);
  await proxy.set('stall replies');
  const ended = store.update(id, record, { data: 'mine', expiresAt });
  ended.catch(() => {});
  let mine = await unharmed.load(id);
  while (mine?.data !== 'mine') mine = await unharmed.load(id);
  await unharmed.update(id, mine, { data: 'mine and theirs', expiresAt });
  await proxy.set('refuse');
  await proxy.set('none');
  return { ended, id };
}

it('an update that others have built on before it could be sent again is ambiguous, not a conflict to be merged with', async () => {
  const { ended, id } = await updateThatOthersBuildOn();
  await expect(ended).rejects.toMatchObject({ code: 'STORE_AMBIGUOUS' });
  expect(await unharmed.load(id)).toMatchObject({ data: 'mine and theirs' });
});

it.each(operations)('$name ends as if its first reply had not been lost', async (operation) => {
  const before = await prepare(unharmed);
  const store = new RedisStore({ client: proxied });
  await store.load(before.id);
  await proxy.set({ cutReplyAfter: 0 });
  const result = await operation.run(store, before).catch((error: unknown) => error);
  expect(operation.isDone(result, await unharmed.load(before.id)), JSON.stringify(result)).toBe(true);
});

it('a session can be ended while memory is full', async () => {
  const [ended, deleted] = [await prepare(unharmed), await prepare(unharmed)];
  await direct.config('SET', 'maxmemory', '1');
  const end = unharmed.update(ended.id, ended.record, { data: 'marker', expiresAt: 0 });
  await expect(end).resolves.toMatchObject({ status: 'updated' });
  await expect(unharmed.delete(deleted.id)).resolves.toBe(true);
  await direct.config('SET', 'maxmemory', '0');
  expect([await unharmed.load(ended.id), await unharmed.load(deleted.id)]).toEqual([null, null]);
});
