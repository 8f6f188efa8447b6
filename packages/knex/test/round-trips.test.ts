import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KnexStore } from '../src/index.ts';
import { connect } from './connect.ts';
import { type ServedDatabase, startServed } from './database.ts';
import { created, draftOf, hitOf, leaseOf, newId, recordFromBehind, storeOn } from './samples.ts';

describe.each(Object.entries(startServed))('on %s', (_, start) => {
  let database: ServedDatabase;
  let knex: Knex;
  let store: KnexStore;

  beforeAll(async () => {
    database = await start();
    knex = connect(database.proxyUrl, { pool: { min: 1, max: 1 } });
    store = await storeOn(knex);
  });
  afterAll(async () => {
    await knex.destroy();
    await database.stop();
  });

  /** What each round trip of a call asks for, as it went over the wire. */
  async function tripsOf(call: () => Promise<unknown>): Promise<string[]> {
    database.proxy.forget();
    await call();
    return database.proxy.exchanges.map(({ request }) =>
      (request.toString('latin1').match(/\b(SELECT|INSERT|UPDATE|DELETE)(?= )/g) ?? ['?']).join('+'),
    );
  }

  test('load is one round trip, found or not', async () => {
    const { id } = await created(store);
    expect(await tripsOf(() => store.load(id))).toEqual(['SELECT']);
    expect(await tripsOf(() => store.load(newId()))).toEqual(['SELECT']);
  });

  test('create, update, touch and delete of a live record are one round trip each', async () => {
    const id = newId();
    expect(await tripsOf(() => store.create(id, draftOf()))).toEqual(['INSERT']);
    const base = await store.load(id);
    if (!base) expect.unreachable();
    expect(await tripsOf(() => store.update(id, base, draftOf({ expiresAt: base.expiresAt })))).toEqual(['UPDATE']);
    const next = { ...base, revision: 2 };
    expect(await tripsOf(() => store.update(id, next, draftOf({ expiresAt: base.expiresAt + 1 })))).toEqual(['UPDATE']);
    expect(await tripsOf(() => store.touch(id, base.expiresAt + 60_000))).toEqual(['UPDATE']);
    expect(await tripsOf(() => store.touch(id, base.expiresAt))).toEqual(['UPDATE']);
    expect(await tripsOf(() => store.delete(id))).toEqual(['DELETE']);
  });

  test('an update that comes too late is two round trips, the winner included', async () => {
    const { id, record } = await created(store);
    await store.update(id, record, draftOf());
    expect(await tripsOf(() => store.update(id, record, draftOf()))).toEqual(['UPDATE', 'SELECT']);
  });

  test('the sessions of a subject are one round trip', async () => {
    await created(store, { subject: 'user-7' });
    await created(store, { subject: 'user-7' });
    expect(await tripsOf(() => store.bySubject('user-7'))).toEqual(['SELECT']);
  });

  test('loadOrLease of a record is one round trip, a lease two, and replaceIf one', async () => {
    const { id } = await created(store);
    expect(await tripsOf(() => hitOf(store, id))).toEqual(['SELECT']);
    const { token } = await hitOf(store, id);
    expect(await tripsOf(() => store.replaceIf(id, token, recordFromBehind()))).toEqual(['UPDATE']);
    const missing = newId();
    expect(await tripsOf(() => leaseOf(store, missing))).toEqual(['SELECT', 'INSERT']);
    expect(await tripsOf(() => store.loadOrLease(missing))).toEqual(['SELECT']);
  });
});
