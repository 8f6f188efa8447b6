import type { SessionRecord } from '@stet/core';
import { type MemcachedServer, startMemcached } from '@stet/services';
import Memcached from 'memcached';
import { expect, onTestFinished, test } from 'vitest';
import { clientSettings, MemcachedStore } from '../src/index.ts';
import { answered } from './one-server.ts';
import { draftOf, loaded, newId } from './samples.ts';

/** Fills an id as a tier does, which gives the item the same cas unique on every server that has just started. */
async function fill(store: MemcachedStore, id: string, record: SessionRecord): Promise<void> {
  const lease = await store.loadOrLease(id);
  expect(lease.status).toBe('leased');
  if (lease.status === 'leased') await store.replaceIf(id, lease.token, record);
}

function clientOf(server: MemcachedServer): Memcached {
  const client = new Memcached(server.address, clientSettings);
  onTestFinished(() => client.end());
  return client;
}

function uniqueOf(client: Memcached, id: string): Promise<string> {
  return answered<{ cas: string }>((callback) => client.gets(`sess:${id}`, callback)).then(({ cas }) => cas);
}

test('a server that was killed and started again gives out the same cas uniques, and no stale update gets in by one', async () => {
  const id = newId();
  const first = await startMemcached();
  const client = clientOf(first);
  const store = new MemcachedStore({ client });
  const record = { ...draftOf(), revision: 7, createdAt: Date.now() };
  await fill(store, id, record);
  const base = await loaded(store, id);
  const unique = await uniqueOf(client, id);

  process.kill(first.pid, 'SIGKILL');
  await first.stop();
  const second = await startMemcached({ port: first.port });
  onTestFinished(() => second.stop());
  const others = clientOf(second);
  const newer = { ...record, revision: 8, data: '"newer"' };
  await fill(new MemcachedStore({ client: others }), id, newer);
  expect(await uniqueOf(others, id)).toBe(unique);

  const result = await store.update(id, base, draftOf({ data: '"stale"' }));
  expect(result).toEqual({ status: 'conflict', current: newer });
  expect(await store.load(id)).toEqual(newer);
});
