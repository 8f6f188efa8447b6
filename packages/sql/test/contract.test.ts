import { created, draftOf, newId, storeOn } from '@stet/sql-doors';
import { describe, expect, test } from 'vitest';
import { SqlStore } from '../src/index.ts';
import { onEachDatabase } from './doors/native.ts';
import { spied } from './doors/spied.ts';

/** What an administrator or a fault may leave in a row, and no store writes. */
const damages = [
  { created_at: -5 },
  { created_at: 2 ** 53 + 2 },
  { expires_at: 2 ** 53 + 2 },
  { revision: 0 },
  { revision: -1 },
];

onEachDatabase((place) => {
  test('an update resolves to the stored creation time, whatever the base says', async () => {
    const store = await storeOn(place.opened);
    for (const createdAt of [5, -1, Number.NaN, undefined]) {
      const { id, record } = await created(store);
      const result = await store.update(id, { ...record, createdAt: createdAt as number }, draftOf());
      expect(result).toMatchObject({ status: 'updated', record: { createdAt: record.createdAt } });
      expect(await store.load(id)).toEqual((result as { record: unknown }).record);
    }
  });

  test.each(damages)('an update over a row with %o says that the record is corrupt, and leaves it', async (damage) => {
    const table = `damaged${newId().slice(0, 8)}`;
    const store = await storeOn(place.opened, { table });
    const { id, record } = await created(store);
    await place.admin(table).where({ id }).update(damage);
    const before = await place.admin(table).where({ id });
    const corrupt = { code: 'STORE_CORRUPT_RECORD' };
    await expect(store.update(id, record, draftOf())).rejects.toMatchObject(corrupt);
    await expect(store.update(id, record, draftOf({ expiresAt: record.expiresAt }))).rejects.toMatchObject(corrupt);
    await expect(store.load(id)).rejects.toMatchObject(corrupt);
    expect(await place.admin(table).where({ id })).toEqual(before);
    expect(await store.delete(id)).toBe(true);
  });

  test('a clock with fractions of milliseconds makes whole records', async () => {
    const store = await storeOn(place.opened, { now: () => Date.now() + 0.5 });
    const { id, record } = await created(store);
    expect(await store.load(id)).toEqual(record);
    expect(await store.update(id, record, draftOf())).toMatchObject({ status: 'updated' });
    expect(await store.loadOrLease(id)).toMatchObject({ status: 'hit' });
    expect(await store.loadOrLease(newId())).toMatchObject({ status: 'leased' });
    expect(await store.deleteExpired()).toBe(0);
  });

  test('of many deletes at once exactly one says that it removed the record', async () => {
    const stores = await Promise.all(
      Array.from({ length: 4 }, async () => storeOn(await place.another(), { table: 'removed' })),
    );
    for (let round = 0; round < 20; round += 1) {
      const { id } = await created(stores[0] as SqlStore);
      const removed = await Promise.all(stores.concat(stores).map((store) => store.delete(id)));
      expect(removed.filter(Boolean)).toEqual([true]);
    }
  });

  describe('what does not need the data does not read it', () => {
    test('a delete and a touch of none, a create of what is there', async () => {
      const asked: string[] = [];
      const database = spied(place.opened.database, { before: ({ text }) => asked.push(text) });
      await storeOn(place.opened, { table: 'missed' });
      const store = new SqlStore({ database, table: 'missed' });
      const { id } = await created(store);
      asked.length = 0;
      expect(await store.delete(newId())).toBe(false);
      expect(await store.touch(newId(), Date.now() + 60_000)).toBe(false);
      expect(await store.touch(id, 1)).toBe(true);
      expect(await store.create(id, draftOf())).toBeNull();
      expect(asked.filter((text) => text.startsWith('SELECT')).join()).not.toMatch(/\bdata\b/);
    });
  });

  test('a touch that extends nothing writes nothing', async () => {
    const table = 'touched';
    const store = await storeOn(place.opened, { table });
    const { id, record } = await created(store);
    const before = await writes(table);
    for (let time = 0; time < 5; time += 1) expect(await store.touch(id, record.expiresAt - time)).toBe(true);
    expect(await writes(table)).toBe(before);
    expect(await store.touch(id, record.expiresAt + 1)).toBe(true);
    expect(await writes(table)).not.toBe(before);
  });

  /** Something that each written row changes: where the row lies, the pages flushed to the log, the frames in it. */
  async function writes(table: string): Promise<unknown> {
    const { admin, name, opened } = place;
    if (name === 'PostgreSQL') return (await admin.raw('SELECT ctid::text FROM ??', [table])).rows[0].ctid;
    if (name === 'MariaDB') return (await admin.raw("SHOW GLOBAL STATUS LIKE 'Handler_update'"))[0][0].Value;
    const [row] = await opened.query('PRAGMA wal_checkpoint(PASSIVE)');
    return row?.log;
  }
});
