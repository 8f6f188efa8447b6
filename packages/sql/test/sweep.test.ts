import { created, draftOf, leaseOf, newId, recordFromBehind, storeOn } from '@stet/sql-doors';
import { expect, test } from 'vitest';
import { SqlStore } from '../src/index.ts';
import { onEachDatabase } from './doors/native.ts';
import { spied } from './doors/spied.ts';

const expired = 1_200;

onEachDatabase((place) => {
  test('many sweep at once while sessions are created, changed and ended: each expired one is counted once', async () => {
    const store = await storeOn(place.opened, { table: 'swept' });
    for (let at = 0; at < expired; at += 100) {
      await Promise.all(Array.from({ length: 100 }, () => store.create(newId(), draftOf({ expiresAt: 1 + at }))));
    }
    const others = await Promise.all(Array.from({ length: 5 }, () => place.another()));
    const sweeps = others.map((other) => other.store({ table: 'swept' }).deleteExpired());
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
    expect(await place.admin('swept').count({ rows: '*' })).toMatchObject([
      { rows: expect.toSatisfy((rows) => Number(rows) === 0) },
    ]);
  });

  test('a record that is extended between being found and being deleted stays', async () => {
    let seenAt = 2_000;
    const table = 'extended';
    const store = await storeOn(place.opened, { table, now: () => seenAt });
    const { id, record } = await created(store, { expiresAt: 1_500, createdAt: 1_000 });
    await sweeping(
      table,
      () => seenAt,
      () => {
        seenAt = 1_200;
      },
    );
    expect(await store.load(id)).toEqual(record);
  });

  test('leases that ran out are swept, and count as nothing; one that runs stays', async () => {
    let clock = 1_000_000;
    const store = await storeOn(place.opened, { table: 'leases', now: () => clock, leaseMs: 100 });
    for (let at = 0; at < 10; at += 1) await leaseOf(store, newId());
    for (let at = 0; at < 3; at += 1) await created(store, { expiresAt: clock + 1 });
    clock += 99;
    const id = newId();
    const token = await leaseOf(store, id);
    clock += 1;
    expect(await store.deleteExpired({ limit: 2 })).toBe(2);
    expect(await store.deleteExpired()).toBe(1);
    expect(await place.admin('leases').select('id')).toEqual([{ id }]);
    expect(await store.replaceIf(id, token, recordFromBehind())).not.toBeNull();
  });

  test('a lease that is taken anew between being found and being deleted stays', async () => {
    let seenAt = 1_000;
    const table = 'anew';
    const store = await storeOn(place.opened, { table, now: () => seenAt, leaseMs: 500 });
    const id = newId();
    const token = await leaseOf(store, id);
    seenAt = 2_000;
    const deleted = await sweeping(
      table,
      () => seenAt,
      () => {
        seenAt = 1_200;
      },
    );
    expect(deleted).toBe(0);
    expect(await store.replaceIf(id, token, recordFromBehind())).not.toBeNull();
  });

  /**
   * Sweeps, and turns the clock back once it was read for the statement that finds: by that for the next one what was
   * found is live.
   */
  async function sweeping(table: string, now: () => number, turnBack: () => void): Promise<number> {
    let isKnown = false;
    const database = spied(place.opened.database, {
      before({ text }) {
        if (isKnown && text.includes('BETWEEN')) turnBack();
      },
    });
    const store = new SqlStore({ database, table, now });
    await store.load(newId());
    isKnown = true;
    return store.deleteExpired();
  }
});
