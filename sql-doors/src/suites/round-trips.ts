import type { SqlStore } from '@stet/sql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { created, draftOf, hitOf, leaseOf, newId, recordFromBehind, storeOn } from '../calls/samples.ts';
import { type ServedDatabase, startServed } from '../databases/database.ts';
import { type Door, type Opened, servedBy } from '../door.ts';

/** Registers how many round trips each call of a door takes, as a proxy sees them. */
export function roundTripSuite(door: Door): void {
  describe.each(servedBy(door))(`${door.name} on %s`, (name) => {
    let database: ServedDatabase;
    let opened: Opened;
    let store: SqlStore;

    beforeAll(async () => {
      database = await startServed[name]();
      opened = await door.open(database.proxyUrl, { max: 1 });
      store = await storeOn(opened);
    });
    afterAll(async () => {
      await opened.close();
      await database.stop();
    });

    /**
     * What each round trip of a call begins to ask for, as it went over the wire: in the text or in the name of a
     * statement.
     */
    async function tripsOf(call: () => Promise<unknown>): Promise<string[]> {
      database.proxy.forget();
      await call();
      return database.proxy.exchanges.map(
        ({ request }) => /\b(SELECT|INSERT|UPDATE|DELETE) /.exec(request.toString('latin1'))?.[1] ?? '?',
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
      const next = { ...base, revision: base.revision + 1 };
      expect(await tripsOf(() => store.update(id, next, draftOf({ expiresAt: base.expiresAt + 1 })))).toEqual([
        'UPDATE',
      ]);
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
}
