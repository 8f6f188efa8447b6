import type { SessionRecord, UpdateResult } from '@stet/core';
import {
  adminOf,
  created,
  type DatabaseName,
  draftOf,
  type Opened,
  startAny,
  storeOn,
  type TestDatabase,
} from '@stet/sql-doors';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SqlStore } from '../src/index.ts';
import { native } from './doors/native.ts';
import { spied } from './doors/spied.ts';

const table = 'yielding';

/** How a statement of a store is made to give way to a transaction that holds the row. */
interface Yielding {
  readonly on: DatabaseName;
  /** What the connections of the store begin with. */
  readonly setting?: string;
  /** Resolves when the statement has met the transaction. */
  met(refused: Promise<unknown>, admin: Knex): Promise<unknown>;
}

const refused = (error: Promise<unknown>): Promise<unknown> => error;

const waiting = (_: Promise<unknown>, admin: Knex): Promise<unknown> =>
  vi.waitUntil(
    async () => {
      const { rows } = await admin.raw(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      return rows.length > 0;
    },
    { timeout: 30_000 },
  );

const yieldings: readonly Yielding[] = [
  // Serialization failure (40001) as soon as the transaction commits what the statement waits for.
  {
    on: 'PostgreSQL',
    setting: 'SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE',
    met: waiting,
  },
  // ER_LOCK_WAIT_TIMEOUT: of a row that is locked, at once.
  { on: 'MariaDB', setting: 'SET SESSION innodb_lock_wait_timeout = 0', met: refused },
  // SQLITE_BUSY: of a file that somebody writes, after the busy_timeout.
  { on: 'SQLite', met: refused },
];

describe.each(yieldings)('on $on, an update that meets a transaction on its row is tried again', (yielding) => {
  let database: TestDatabase;
  let admin: Knex;
  let opened: Opened;

  beforeAll(async () => {
    database = await startAny[yielding.on]();
    admin = adminOf(database.url);
    const { setting } = yielding;
    opened = await native[yielding.on].open(database.url, {
      max: 1,
      ...(setting !== undefined && { begin: [setting] }),
    });
    await storeOn(opened, { table });
  });
  afterAll(async () => {
    await Promise.all([opened.close(), admin.destroy()]);
    await database.stop();
  });

  /** How an update ends that is sent while a transaction holds the row, which is committed once the two have met. */
  async function updateMeeting(
    change: (row: Knex.QueryBuilder, base: SessionRecord) => Knex.QueryBuilder,
  ): Promise<{ readonly result: PromiseSettledResult<UpdateResult>; readonly left: SessionRecord | null }> {
    const refusal = Promise.withResolvers<unknown>();
    const store = new SqlStore({ database: spied(opened.database, { failed: refusal.resolve }), table });
    const { id, record } = await created(store);
    const holder = await admin.transaction();
    await change(holder(table).where({ id }), record);
    const met = yielding.met(refusal.promise, admin);
    const update = Promise.allSettled([store.update(id, record, { ...draftOf(record), data: '"mine"' })]);
    await met;
    await holder.commit();
    const [result] = await update;
    return { result, left: await store.load(id) };
  }

  test('and is a conflict where the transaction made a revision', async () => {
    const { result, left } = await updateMeeting((row, { revision }) =>
      row.update({ revision: revision + 1, nonce: 'f'.repeat(32), data: '"first"' }),
    );
    expect(result).toEqual({ status: 'fulfilled', value: { status: 'conflict', current: left } });
    expect(left).toMatchObject({ data: '"first"' });
  });

  test('and is updated where the transaction extended the session', async () => {
    let later = 0;
    const { result, left } = await updateMeeting((row, { expiresAt }) => {
      later = expiresAt + 60_000;
      return row.update({ expires_at: later });
    });
    expect(result).toEqual({ status: 'fulfilled', value: { status: 'updated', record: left } });
    expect(left).toMatchObject({ data: '"mine"', expiresAt: later });
  });
});
