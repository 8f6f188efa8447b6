import type { SessionRecord } from '@stet/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { MemcachedStore } from '../src/index.ts';
import { type ClientName, clientNames } from './site/clients.ts';
import { type OneServer, startOneServer } from './site/one-server.ts';
import { created, draftOf, loaded, newId } from './site/samples.ts';

/** The commands that read an item together with its unique, in one packet. */
const gets: Record<ClientName, string> = { memcache: 'mg+get', memcached: 'gets' };

describe.each(clientNames)('through %s', (clientName) => {
  const read = gets[clientName];
  let site: OneServer;
  let store: MemcachedStore;
  let id: string;
  let record: SessionRecord;

  beforeAll(async () => {
    site = await startOneServer(clientName);
    store = site.store();
  });
  afterAll(() => site.stop());
  beforeEach(async () => {
    ({ id } = await created(store));
    record = await loaded(store, id);
  });

  /** The commands of each round trip of a call, as they went over the wire. */
  async function tripsOf(call: () => Promise<unknown>): Promise<string[]> {
    site.proxy.forget();
    await call();
    return site.proxy.exchanges.map(({ request }) => {
      const lines = request.toString('latin1').split('\r\n');
      return lines
        .filter((line) => /^(gets?|mg|add|cas|delete) /.test(line))
        .map((line) => line.split(' ')[0])
        .join('+');
    });
  }

  test('load is one round trip', async () => {
    expect(await tripsOf(() => store.load(id))).toEqual([read]);
  });

  test('create is one round trip', async () => {
    expect(await tripsOf(() => store.create(newId(), draftOf()))).toEqual(['add']);
  });

  test('create under an id that was deleted a moment ago is three round trips', async () => {
    await store.delete(id);
    expect(await tripsOf(() => store.create(id, draftOf()))).toEqual(['add', read, 'cas']);
  });

  test('update after load is one round trip', async () => {
    expect(await tripsOf(() => store.update(id, record, draftOf()))).toEqual(['cas']);
  });

  test('update from the record of a conflict is one round trip', async () => {
    await store.update(id, record, draftOf());
    const conflict = await store.update(id, record, draftOf());
    if (conflict.status !== 'conflict') expect.unreachable();
    expect(await tripsOf(() => store.update(id, conflict.current, draftOf()))).toEqual(['cas']);
  });

  test('update from a copy of a record is two round trips', async () => {
    expect(await tripsOf(() => store.update(id, { ...record }, draftOf()))).toEqual([read, 'cas']);
  });

  test('an update that comes too late is two round trips, the winner included', async () => {
    await store.update(id, record, draftOf());
    expect(await tripsOf(() => store.update(id, record, draftOf()))).toEqual(['cas', read]);
  });

  test('touch and delete are two round trips', async () => {
    expect(await tripsOf(() => store.touch(id, record.expiresAt + 60_000))).toEqual([read, 'cas']);
    expect(await tripsOf(() => store.delete(id))).toEqual([read, 'cas']);
  });

  test('a hit of loadOrLease is one round trip, a lease two, a replacement two', async () => {
    const missing = newId();
    expect(await tripsOf(() => store.loadOrLease(id))).toEqual([read]);
    expect(await tripsOf(() => store.loadOrLease(missing))).toEqual([read, 'add']);
    const hit = await store.loadOrLease(id);
    if (hit.status !== 'hit') expect.unreachable();
    expect(await tripsOf(() => store.replaceIf(id, hit.token, record))).toEqual([read, 'cas']);
  });
});
