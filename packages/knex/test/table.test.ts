import { adminOf, created, draftOf, startAny } from '@stet/sql-doors';
import knexOf, { type Knex } from 'knex';
import { describe, expect, onTestFinished, test } from 'vitest';
import { configureSqlite, createSessionsTable, KnexStore } from '../src/index.ts';

const never = { up: () => Promise.resolve(), down: () => Promise.resolve() };

/** A knex migration as an application has it, and one after it. */
const migrationSource: Knex.MigrationSource<string> = {
  getMigrations: async () => ['1-sessions', '2-nothing'],
  getMigrationName: (name) => name,
  getMigration: async (name) =>
    name === '1-sessions'
      ? {
          up: (knex) => createSessionsTable(knex, { table: 'migrated' }),
          down: (knex) => knex.schema.dropTable('migrated'),
        }
      : never,
};

/** How applications have their columns in camel case: what they write is mapped, and what they read. */
const camelCased = {
  wrapIdentifier: (name: string, quote: (name: string) => string): string =>
    quote(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)),
  postProcessResponse: (response: unknown): unknown =>
    Array.isArray(response) ? response.map(camelCased.keysOf) : camelCased.keysOf(response),
  keysOf: (row: unknown): unknown =>
    typeof row !== 'object' || row === null || Array.isArray(row)
      ? row
      : Object.fromEntries(
          Object.entries(row).map(([key, value]) => [key.replace(/_(\w)/g, (_, next) => next.toUpperCase()), value]),
        ),
};

describe.each(Object.entries(startAny))('on %s', (_, start) => {
  async function instance(config: Knex.Config = {}): Promise<Knex> {
    const { url, stop } = await start();
    const knex = adminOf(url, config);
    onTestFinished(async () => {
      await knex.destroy();
      await stop();
    });
    return knex;
  }

  test('a migration creates the table and takes it away', async () => {
    const knex = await instance();
    await knex.migrate.latest({ migrationSource });
    const { id, record } = await created(new KnexStore({ knex, table: 'migrated' }));
    expect(await new KnexStore({ knex, table: 'migrated' }).load(id)).toEqual(record);
    await knex.migrate.rollback({ migrationSource }, true);
    expect(await knex.schema.hasTable('migrated')).toBe(false);
  });

  test('an application that maps names finds the table under its own name, and the store its records', async () => {
    const knex = await instance(camelCased);
    const store = new KnexStore({ knex, table: 'visitorSessions' });
    await store.createTable();
    const { id, record } = await created(store, { subject: 'user-7' });
    expect(await knex('visitorSessions').select('expiresAt')).toEqual([{ expiresAt: expect.anything() }]);
    expect(await knex.schema.hasTable('visitor_sessions')).toBe(true);
    expect(await store.bySubject('user-7')).toEqual([[id, record]]);
    expect(await store.update(id, record, draftOf())).toMatchObject({ status: 'updated' });
  });
});

describe('a store is refused', () => {
  test.each(['mysql', 'sqlite3', 'mssql', 'cockroachdb', 'oracledb'])('the client %s', (client) => {
    const untested = { client: { driverName: client } } as Knex;
    expect(() => new KnexStore({ knex: untested })).toThrow(/pg, mysql2, better-sqlite3/);
  });

  test('a transaction, whose end would take the sessions with it', async () => {
    const { url, stop } = await startAny.SQLite();
    const knex = adminOf(url);
    const transaction = await knex.transaction();
    onTestFinished(async () => {
      await transaction.rollback();
      await knex.destroy();
      await stop();
    });
    expect(() => new KnexStore({ knex: transaction })).toThrow(/transaction/);
  });

  test('a table that is none', () => {
    expect(() => new KnexStore({ knex: knexOf({ client: 'pg' }), table: 'a b' })).toThrow(TypeError);
  });
});

test('SQLite in memory is for tests: neither durable nor shared', async () => {
  const knex = knexOf({
    client: 'better-sqlite3',
    connection: { filename: ':memory:' },
    pool: { afterCreate: configureSqlite },
    useNullAsDefault: true,
  });
  onTestFinished(() => knex.destroy());
  const store = new KnexStore({ knex });
  await store.createTable();
  const { id, record } = await created(store);
  expect(await store.load(id)).toEqual(record);
  expect(store.capabilities).toMatchObject({ durable: false, shared: false });
});
