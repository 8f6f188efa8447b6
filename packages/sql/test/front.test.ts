import type { SessionRecord } from '@stet/core';
import { created, draftOf, hitOf, leaseOf, newId, recordFromBehind, storeOn } from '@stet/sql-doors';
import { beforeAll, expect, test } from 'vitest';
import { SqlStore } from '../src/index.ts';
import { onEachDatabase } from './doors/native.ts';
import { spied } from './doors/spied.ts';

const rounds = 60;

onEachDatabase((place) => {
  let store: SqlStore;
  /** Three stores on connections of their own, on one table. */
  let stores: readonly [SqlStore, SqlStore, SqlStore];

  beforeAll(async () => {
    store = await storeOn(place.opened, { table: 'fronts' });
    stores = [await sharing('shared'), await sharing('shared'), await sharing('shared')];
  });

  const sharing = async (table: string, settings = {}): Promise<SqlStore> =>
    storeOn(await place.another(), { table, ...settings });

  test.each(['DELETE', 'SELECT'])('a delete ends what a lease became right after its first %s', async (statement) => {
    const id = newId();
    const token = await leaseOf(store, id);
    let filled: Promise<string | null> | undefined;
    let isKnown = false;
    const database = spied(place.opened.database, {
      async after({ text }) {
        if (!isKnown || !text.startsWith(statement)) return;
        filled ??= store.replaceIf(id, token, recordFromBehind());
        await filled;
      },
    });
    const remover = new SqlStore({ database, table: 'fronts' });
    await remover.load(newId());
    isKnown = true;
    expect(await remover.delete(id)).toBe(true);
    expect(await filled).toEqual(expect.any(String));
    expect(await store.load(id)).toBeNull();
  });

  test('no fill outlives a delete that began after its lease', async () => {
    const [holder, remover, reader] = stores;
    for (let round = 0; round < rounds; round += 1) {
      const id = newId();
      const token = await leaseOf(holder, id);
      const [filled, wasLive] = await Promise.all([
        holder.replaceIf(id, token, recordFromBehind()),
        remover.delete(id),
      ]);
      expect(filled !== null, 'a fill that came first is what the delete found').toBe(wasLive);
      expect(await reader.load(id)).toBeNull();
      expect(await holder.replaceIf(id, filled ?? token, recordFromBehind())).toBeNull();
    }
  });

  test('of a fill and a create exactly one is done', async () => {
    const [holder, creator, reader] = stores;
    for (let round = 0; round < rounds; round += 1) {
      const id = newId();
      const token = await leaseOf(holder, id);
      const record = recordFromBehind();
      const [filled, made] = await Promise.all([holder.replaceIf(id, token, record), creator.create(id, draftOf())]);
      expect([filled, made].filter((one) => one !== null)).toHaveLength(1);
      expect(await reader.load(id)).toEqual(made ?? record);
    }
  });

  test('what is over is leased to one of many, be it a record or a lease', async () => {
    let clock = 1_000_000;
    const now = (): number => clock;
    const over = { now, leaseMs: 100 };
    const contenders = [await sharing('over', over), await sharing('over', over), await sharing('over', over)];
    const [one] = contenders as [SqlStore];
    const { id } = await created(one, { expiresAt: clock + 100 });
    clock += 100;
    for (let turn = 0; turn < 3; turn += 1) {
      const results = await Promise.all(contenders.concat(contenders).map((contender) => contender.loadOrLease(id)));
      const statuses = results.map(({ status }) => status).sort();
      expect(statuses.join()).toBe(`${'busy,'.repeat(5)}leased`);
      const { token } = results.find(({ status }) => status === 'leased') as { token: string };
      clock += 99;
      expect(await one.loadOrLease(id)).toEqual({ status: 'busy' });
      clock += 1;
      expect(await one.replaceIf(id, token, recordFromBehind())).toBeNull();
    }
  });

  test('a delete cancels a lease, and reports no session', async () => {
    const id = newId();
    const token = await leaseOf(store, id);
    expect(await store.delete(id)).toBe(false);
    expect(await store.replaceIf(id, token, recordFromBehind())).toBeNull();
    expect(await store.loadOrLease(id)).toMatchObject({ status: 'leased' });
  });

  test('a touch cancels the token of a record, and only one that extends it', async () => {
    const { id, record } = await created(store);
    const { token } = await hitOf(store, id);
    await store.touch(id, record.expiresAt);
    expect(await hitOf(store, id)).toMatchObject({ token });
    await store.touch(id, record.expiresAt + 1);
    expect(await store.replaceIf(id, token, recordFromBehind())).toBeNull();
    expect(await hitOf(store, id)).toMatchObject({ record: { ...record, expiresAt: record.expiresAt + 1 } });
  });

  test('an entry tells when its data was written, whatever touched it since', async () => {
    let clock = Date.UTC(2040, 0);
    const timed = await storeOn(place.opened, { now: () => clock });
    const { id, record } = await created(timed, { expiresAt: clock + 60_000 });
    const createdAt = clock;
    clock += 1_000;
    await timed.touch(id, clock + 60_000);
    expect(await hitOf(timed, id)).toMatchObject({ storedAt: createdAt });
    await timed.update(id, record, draftOf({ expiresAt: clock + 60_000 }));
    expect(await hitOf(timed, id)).toMatchObject({ storedAt: createdAt + 1_000 });
    clock += 1_000;
    const { token } = await hitOf(timed, id);
    await timed.replaceIf(id, token, recordFromBehind({ expiresAt: clock + 60_000 }));
    expect(await hitOf(timed, id)).toMatchObject({ storedAt: createdAt + 2_000 });
  });

  test('a text that is no token changes nothing, however like one it is', async () => {
    const { id, record } = await created(store);
    const { token } = await hitOf(store, id);
    const [nonce = '', expiry = ''] = token.split('.');
    const texts = [
      '',
      nonce,
      expiry,
      `${nonce}.`,
      `${nonce}.-${expiry}`,
      `${nonce}.0${expiry}`,
      `${nonce}.+${expiry}`,
      `${nonce}.${expiry}.0`,
      `${nonce}. ${expiry}`,
      `${nonce}.${Number(expiry).toExponential(15)}`,
      `${nonce}.0x${Number(expiry).toString(16)}`,
      `${nonce}.${'9'.repeat(16)}`,
      `${nonce}.${expiry}\n`,
      ` ${token}`,
      `${token}' OR 1=1 -- `,
      `%.${expiry}`,
      `${'_'.repeat(32)}.${expiry}`,
    ];
    for (const text of texts) expect(await store.replaceIf(id, text, recordFromBehind()), text).toBeNull();
    expect(await store.load(id)).toEqual(record);
    expect(await store.replaceIf(id, token, recordFromBehind())).toEqual(expect.any(String));
  });

  test('a lease is a record to nobody', async () => {
    const table = 'leased';
    const leasing = await storeOn(place.opened, { table });
    const id = newId();
    const token = await leaseOf(leasing, id);
    const base: SessionRecord = recordFromBehind({ revision: 1 });
    expect(await leasing.load(id)).toBeNull();
    expect(await leasing.update(id, base, draftOf())).toEqual({ status: 'gone' });
    expect(await leasing.touch(id, Date.now() + 60_000)).toBe(false);
    expect(await Array.fromAsync(leasing.entries())).toEqual([]);
    expect(await leasing.bySubject('user-7')).toEqual([]);
    expect(await place.admin(table).count({ rows: '*' })).toMatchObject([
      { rows: expect.toSatisfy((n) => Number(n) === 1) },
    ]);
    expect(await leasing.replaceIf(id, token, recordFromBehind({ subject: 'user-7' }))).not.toBeNull();
    expect(await leasing.bySubject('user-7')).toHaveLength(1);
  });
});
