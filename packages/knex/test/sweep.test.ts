import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KnexStore } from '../src/index.ts';
import { connect } from './connect.ts';
import { startAny, type TestDatabase } from './database.ts';
import { created, draftOf, leaseOf, newId, recordFromBehind, storeOn } from './samples.ts';

const expired = 1_200;

describe.each(Object.entries(startAny))('on %s', (_, start) => {
  let database: TestDatabase;
  let knex: Knex;
  beforeAll(async () => {
    database = await start();
    knex = connect(database.url);
  });
  afterAll(async () => {
    await knex.destroy();
    await database.stop();
  });

  test('many sweep at once while sessions are created, changed and ended: each expired one is counted once', async () => {
    const store = await storeOn(knex, { table: 'swept' });
    for (let at = 0; at < expired; at += 100) {
      await Promise.all(Array.from({ length: 100 }, () => store.create(newId(), draftOf({ expiresAt: 1 + at }))));
    }
    const others = Array.from({ length: 5 }, () => connect(database.url));
    const sweeps = others.map((other) => new KnexStore({ knex: other, table: 'swept' }).deleteExpired());
    const visits = Array.from({ length: 60 }, async () => {
      const { id, record } = await created(store);
      await store.touch(id, record.expiresAt + 1);
      const result = await store.update(id, record, draftOf());
      expect(result.status).toBe('updated');
      return store.delete(id);
    });
    const outcomes = await Promise.allSettled(sweeps);
    const swept = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : String(outcome.reason)));
    expect(await Promise.allSettled(visits)).toEqual(visits.map(() => ({ status: 'fulfilled', value: true })));
    expect(swept).toEqual(swept.map(() => expect.any(Number)));
    expect(swept.map(Number).reduce((sum, count) => sum + count, 0)).toBe(expired);
    expect(await knex('swept').count({ rows: '*' })).toMatchObject([
      { rows: expect.toSatisfy((rows) => Number(rows) === 0) },
    ]);
    await Promise.all(others.map((other) => other.destroy()));
  });

  test('a record that is extended between being found and being deleted stays', async () => {
    let seenAt = 2_000;
    const store = await storeOn(knex, { now: () => seenAt });
    const { id, record } = await created(store, { expiresAt: 1_500, createdAt: 1_000 });
    // The sweep has read the clock for its first statement then; by that for its second the record is live.
    knex.client.once('query', () => {
      seenAt = 1_200;
    });
    await store.deleteExpired();
    expect(await store.load(id)).toEqual(record);
  });

  test('leases that ran out are swept, and count as nothing; one that runs stays', async () => {
    let clock = 1_000_000;
    const store = await storeOn(knex, { table: 'leases', now: () => clock, leaseMs: 100 });
    for (let at = 0; at < 10; at += 1) await leaseOf(store, newId());
    for (let at = 0; at < 3; at += 1) await created(store, { expiresAt: clock + 1 });
    clock += 99;
    const id = newId();
    const token = await leaseOf(store, id);
    clock += 1;
    expect(await store.deleteExpired({ limit: 2 })).toBe(2);
    expect(await store.deleteExpired()).toBe(1);
    expect(await knex('leases').select('id')).toEqual([{ id }]);
    expect(await store.replaceIf(id, token, recordFromBehind())).not.toBeNull();
  });

  test('a lease that is taken anew between being found and being deleted stays', async () => {
    let seenAt = 1_000;
    const store = await storeOn(knex, { now: () => seenAt, leaseMs: 500 });
    const id = newId();
    const token = await leaseOf(store, id);
    seenAt = 2_000;
    // As above: by the clock of the second statement it runs.
    knex.client.once('query', () => {
      seenAt = 1_200;
    });
    expect(await store.deleteExpired()).toBe(0);
    expect(await store.replaceIf(id, token, recordFromBehind())).not.toBeNull();
  });
});
