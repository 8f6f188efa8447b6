import type { SessionRecord } from '@stet/core';
import { askMemcached, startMemcached } from '@stet/services';
import { expect, onTestFinished, test } from 'vitest';
import { MemcachedStore, type MemcachedStoreOptions } from '../src/index.ts';
import { clientNames, clients } from './site/clients.ts';
import { draftOf, loaded, newId } from './site/samples.ts';

/** Fills an id as a tier does, which gives the item the same cas unique on every server that has just started. */
async function fill(store: MemcachedStore, id: string, record: SessionRecord): Promise<void> {
  const lease = await store.loadOrLease(id);
  expect(lease.status).toBe('leased');
  if (lease.status === 'leased') await store.replaceIf(id, lease.token, record);
}

async function uniqueOf(address: string, id: string): Promise<string> {
  const [, unique] = /^VALUE \S+ \d+ \d+ (\d+)\r/.exec(await askMemcached(address, `gets sess:${id}\r\n`)) ?? [];
  return String(unique);
}

test.each(clientNames)(
  'a server that was killed and started again gives out the same cas uniques, and no stale update through %s gets in by one',
  async (clientName) => {
    const clientOf = (address: string): MemcachedStoreOptions['client'] => {
      const { client, end } = clients[clientName]([address]);
      onTestFinished(end);
      return client;
    };
    const id = newId();
    const first = await startMemcached();
    const store = new MemcachedStore({ client: clientOf(first.address) });
    const record = { ...draftOf(), revision: 7, createdAt: Date.now() };
    await fill(store, id, record);
    const base = await loaded(store, id);
    const unique = await uniqueOf(first.address, id);

    process.kill(first.pid, 'SIGKILL');
    await first.stop();
    const second = await startMemcached({ port: first.port });
    onTestFinished(() => second.stop());
    const newer = { ...record, revision: 8, data: '"newer"' };
    await fill(new MemcachedStore({ client: clientOf(second.address) }), id, newer);
    expect(await uniqueOf(second.address, id)).toBe(unique);

    const result = await store.update(id, base, draftOf({ data: '"stale"' }));
    expect(result).toEqual({ status: 'conflict', current: newer });
    expect(await store.load(id)).toEqual(newer);
  },
);
