import type { SessionRecord } from '@stet/core';
import {
  adminOf,
  created,
  draftOf,
  hitOf,
  leaseOf,
  newId,
  type Opened,
  recordFromBehind,
  type ServedDatabase,
  startServed,
  storeOn,
} from '@stet/sql-doors';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SqlStore } from '../src/index.ts';
import { native } from './doors/native.ts';

const ambiguous = { code: 'STORE_AMBIGUOUS', retryable: false };
const cutReply = { cutReplyAfter: 0, to: /INSERT|UPDATE|DELETE/ };
const cutRequest = { cutRequestAfter: 20 };

describe.each(['PostgreSQL', 'MariaDB'] as const)('on %s, when a connection is lost', (name) => {
  let database: ServedDatabase;
  let admin: Knex;
  let opened: Opened;
  let past: Opened;
  /** Over the connection that is lost. */
  let store: SqlStore;
  /** Over another one. */
  let other: SqlStore;
  /** Done before the store has a new connection. */
  let meanwhile: () => Promise<unknown>;

  beforeAll(async () => {
    database = await startServed[name]();
    meanwhile = async () => {};
    opened = await native[name].open(database.proxyUrl, { max: 1, meanwhile: () => meanwhile() });
    past = await native[name].open(database.url);
    admin = adminOf(database.url);
    store = await storeOn(opened, { table: 'lost' });
    other = past.store({ table: 'lost' });
  });
  afterAll(async () => {
    await Promise.all([opened.close(), past.close(), admin.destroy()]);
    await database.stop();
  });

  /** A session, with the store's connection at hand. */
  async function session(): Promise<{ id: string; record: SessionRecord }> {
    meanwhile = async () => {};
    return created(store);
  }

  test('an update that was done is updated, with what is stored', async () => {
    const { id, record } = await session();
    await other.touch(id, record.expiresAt + 60_000);
    await database.proxy.set(cutReply);
    const result = await store.update(id, record, draftOf({ expiresAt: record.expiresAt }));
    expect(result).toEqual({ status: 'updated', record: await other.load(id) });
    expect(await other.load(id)).toMatchObject({ revision: record.revision + 1, expiresAt: record.expiresAt + 60_000 });
  });

  test('an update that was done, and that another one was built on, is ambiguous and no conflict', async () => {
    const { id, record } = await session();
    meanwhile = async () => {
      const base = await other.load(id);
      if (base?.revision === record.revision + 1) await other.update(id, base, draftOf({ data: '"built on it"' }));
    };
    await database.proxy.set(cutReply);
    await expect(store.update(id, record, draftOf({ data: '"lost"' }))).rejects.toMatchObject(ambiguous);
    expect(await other.load(id)).toMatchObject({ revision: record.revision + 2, data: '"built on it"' });
  });

  test('an update that was done, and whose session was ended since, is ambiguous and not gone', async () => {
    const { id, record } = await session();
    meanwhile = () => other.delete(id);
    await database.proxy.set(cutReply);
    await expect(store.update(id, record, draftOf())).rejects.toMatchObject(ambiguous);
  });

  test('an update that was never done, and that another one beat, is a conflict', async () => {
    const { id, record } = await session();
    meanwhile = () => other.update(id, record, draftOf({ data: '"first"' }));
    await database.proxy.set(cutRequest);
    const result = await store.update(id, record, draftOf({ data: '"late"' }));
    expect(result).toEqual({ status: 'conflict', current: await other.load(id) });
  });

  test('an update that was never done is done', async () => {
    const { id, record } = await session();
    await database.proxy.set(cutRequest);
    expect(await store.update(id, record, draftOf({ data: '"late"' }))).toMatchObject({ status: 'updated' });
    expect(await other.load(id)).toMatchObject({ revision: record.revision + 1, data: '"late"' });
  });

  test('a create that was done is found by its nonce; one that was ended since is ambiguous, and stays ended', async () => {
    await session();
    await database.proxy.set(cutReply);
    const kept = newId();
    expect(await store.create(kept, draftOf())).toEqual(await other.load(kept));
    const ended = newId();
    meanwhile = () => other.delete(ended);
    await database.proxy.set(cutReply);
    await expect(store.create(ended, draftOf())).rejects.toMatchObject(ambiguous);
    expect(await other.load(ended)).toBeNull();
  });

  test('a delete that found its record gone afterwards does not claim to have removed it', async () => {
    const { id } = await session();
    meanwhile = () => other.delete(id);
    await database.proxy.set(cutRequest);
    await expect(store.delete(id)).rejects.toMatchObject(ambiguous);
  });

  test('a lease that was granted is known by its nonce, and its token stands', async () => {
    await session();
    const id = newId();
    await database.proxy.set(cutReply);
    const token = await leaseOf(store, id);
    expect(await other.loadOrLease(id)).toEqual({ status: 'busy' });
    expect(await other.replaceIf(id, token, recordFromBehind())).not.toBeNull();
  });

  test('a lease that was granted and cancelled since is asked for again, and the cancelled one stays so', async () => {
    await session();
    const id = newId();
    const atOnce = opened.store({ table: 'lost', now: () => 1_000_000 });
    await atOnce.load(id);
    let cancelled = '';
    meanwhile = async () => {
      const [row] = await admin('lost').where({ id });
      cancelled = `${row.nonce}.${row.expires_at}`;
      await other.delete(id);
    };
    await database.proxy.set(cutReply);
    const token = await leaseOf(atOnce, id);
    expect(cancelled).toMatch(/^[0-9a-f]{32}\.-1005000$/);
    expect(await atOnce.replaceIf(id, cancelled, recordFromBehind())).toBeNull();
    expect(await atOnce.replaceIf(id, token, recordFromBehind())).not.toBeNull();
  });

  test('a fill that was done is known by its nonce, and its token stands', async () => {
    await session();
    const id = newId();
    const lease = await leaseOf(store, id);
    await database.proxy.set(cutReply);
    const token = await store.replaceIf(id, lease, recordFromBehind());
    expect(await hitOf(other, id)).toMatchObject({ token });
  });

  test('a fill that was done, and whose entry was changed since, is ambiguous', async () => {
    await session();
    const id = newId();
    const lease = await leaseOf(store, id);
    meanwhile = () => other.delete(id);
    await database.proxy.set(cutReply);
    await expect(store.replaceIf(id, lease, recordFromBehind())).rejects.toMatchObject(ambiguous);
    expect(await other.load(id)).toBeNull();
  });

  test('a fill that was never done is done', async () => {
    await session();
    const id = newId();
    const lease = await leaseOf(store, id);
    await database.proxy.set(cutRequest);
    const token = await store.replaceIf(id, lease, recordFromBehind());
    expect(await hitOf(other, id)).toMatchObject({ token });
  });

  test('a write that is not answered in time is ambiguous, and a read is out of time', async () => {
    const { id, record } = await session();
    const hasty = opened.store({ table: 'lost', timeoutMs: 200 });
    await hasty.load(id);
    await database.proxy.set('stall replies');
    const written = await hasty.update(id, record, draftOf()).catch((error: unknown) => error);
    await database.proxy.set('none');
    await store.load(id);
    await database.proxy.set('stall replies');
    const read = await hasty.load(id).catch((error: unknown) => error);
    await database.proxy.set('none');
    expect([written, read]).toMatchObject([ambiguous, { code: 'STORE_TIMEOUT', retryable: true }]);
  });

  test('a write that waits for a connection until its time is over is not done later', async () => {
    const { id, record } = await session();
    const hasty = opened.store({ table: 'lost', timeoutMs: 1_000 });
    // It has asked for the settings by then, so that what waits is the write.
    await hasty.load(id);
    const giveBack = await opened.hold();
    const outcome = await hasty.delete(id).catch((error: unknown) => error);
    await giveBack();
    expect(outcome).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    // Whatever had been waiting longer has had its turn.
    await opened.query('SELECT 1');
    expect(await other.load(id)).toEqual(record);
  });
});
