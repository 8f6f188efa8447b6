import type { SessionRecord } from '@stet/core';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { KnexStore } from '../src/index.ts';
import { connect } from './connect.ts';
import { startAny, type TestDatabase } from './database.ts';
import { created, draftOf, hitOf, leaseOf, newId, recordFromBehind, storeOn } from './samples.ts';

const rounds = 60;

describe.each(Object.entries(startAny))('on %s', (_, start) => {
  let database: TestDatabase;
  let knex: Knex;
  /** A store whose statements take turns over one connection. */
  let store: KnexStore;
  /** Three stores on connections of their own, on one table. */
  let stores: readonly [KnexStore, KnexStore, KnexStore];
  let others: readonly Knex[];

  beforeAll(async () => {
    database = await start();
    const config = database.url.startsWith('file:') ? {} : { pool: { min: 1, max: 1 } };
    knex = connect(database.url, config);
    others = Array.from({ length: 3 }, () => connect(database.url));
    store = await storeOn(knex);
    const [one, two, three] = await Promise.all(others.map((other) => storeOn(other, { table: 'shared' })));
    stores = [one, two, three] as [KnexStore, KnexStore, KnexStore];
  });
  afterAll(async () => {
    await Promise.all([knex, ...others].map((each) => each.destroy()));
    await database.stop();
  });

  test.each(['DELETE', 'SELECT'])('a delete ends what a lease became right after its first %s', async (statement) => {
    const id = newId();
    const token = await leaseOf(store, id);
    let filled: Promise<string | null> | undefined;
    // The connection goes to whoever asks for it first, and the delete asks again only when it has its answer.
    const fill = ({ sql }: { sql: string }): void => {
      if (sql.startsWith(statement)) filled ??= store.replaceIf(id, token, recordFromBehind());
    };
    knex.on('query', fill);
    onTestFinished(() => void knex.off('query', fill));
    expect(await store.delete(id)).toBe(true);
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
    const contenders = await Promise.all(others.map((other) => storeOn(other, { table: 'over', now, leaseMs: 100 })));
    const [one] = contenders as [KnexStore];
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
    const timed = await storeOn(knex, { now: () => clock });
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
      undefined,
      null,
      7,
      {},
    ];
    for (const text of texts) {
      expect(await store.replaceIf(id, text as string, recordFromBehind()), String(text)).toBeNull();
    }
    expect(await store.load(id)).toEqual(record);
    expect(await store.replaceIf(id, token, recordFromBehind())).toEqual(expect.any(String));
  });

  test('a lease is a record to nobody', async () => {
    const table = 'leased';
    const leasing = await storeOn(knex, { table });
    const id = newId();
    const token = await leaseOf(leasing, id);
    const base: SessionRecord = recordFromBehind({ revision: 0 });
    expect(await leasing.load(id)).toBeNull();
    expect(await leasing.update(id, base, draftOf())).toEqual({ status: 'gone' });
    expect(await leasing.touch(id, Date.now() + 60_000)).toBe(false);
    expect(await Array.fromAsync(leasing.entries())).toEqual([]);
    expect(await leasing.bySubject('user-7')).toEqual([]);
    expect(await knex(table).count({ rows: '*' })).toMatchObject([{ rows: expect.toSatisfy((n) => Number(n) === 1) }]);
    expect(await leasing.replaceIf(id, token, recordFromBehind({ subject: 'user-7' }))).not.toBeNull();
    expect(await leasing.bySubject('user-7')).toHaveLength(1);
  });
});
