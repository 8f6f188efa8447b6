import knexOf, { type Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { configureSqlite, createSessionsTable, KnexStore } from '../src/index.ts';
import { connect } from './connect.ts';
import { startAny, type TestDatabase } from './database.ts';
import { created, draftOf, hitOf, newId, storeOn } from './samples.ts';

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

describe.each(Object.entries(startAny))('on %s', (name, start) => {
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

  test('createTable can be raced, and repeated over records', async () => {
    const others = Array.from({ length: 8 }, () => connect(database.url));
    onTestFinished(async () => void (await Promise.all(others.map((other) => other.destroy()))));
    for (let round = 0; round < 5; round += 1) {
      const stores = others.map((other) => new KnexStore({ knex: other, table: `raced${round}` }));
      await Promise.all(stores.map((store) => store.createTable()));
      const { id, record } = await created(stores[0] as KnexStore);
      await Promise.all(others.map((other) => createSessionsTable(other, { table: `raced${round}` })));
      expect(await stores[1]?.load(id)).toEqual(record);
    }
  });

  test('a migration creates the table and takes it away', async () => {
    await knex.migrate.latest({ migrationSource });
    const { id, record } = await created(new KnexStore({ knex, table: 'migrated' }));
    expect(await new KnexStore({ knex, table: 'migrated' }).load(id)).toEqual(record);
    await knex.migrate.rollback({ migrationSource }, true);
    expect(await knex.schema.hasTable('migrated')).toBe(false);
  });

  test('finding expired records and those of a subject takes an index, with names of any length', async () => {
    const common = 'x'.repeat(60);
    for (const table of [`${common}1`, `${common}2`, 's', 'order', 'Mixed']) {
      await storeOn(knex, { table });
      const columns = await indexedColumns(table);
      expect(columns, table).toEqual(expect.arrayContaining(['expires_at', 'subject']));
    }
  });

  async function indexedColumns(table: string): Promise<unknown[]> {
    const queries: Record<string, string> = {
      PostgreSQL: `SELECT a.attname AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = quote_ident(?)::regclass`,
      MariaDB:
        'SELECT column_name AS name FROM information_schema.statistics WHERE table_name = ? AND seq_in_index = 1',
      SQLite: 'SELECT i.name FROM pragma_index_list(?) AS l JOIN pragma_index_info(l.name) AS i',
    };
    const response = await knex.raw(String(queries[name]), [table]);
    const rows: Array<{ name: string }> = name === 'SQLite' ? response : (response.rows ?? response[0]);
    return rows.map((row) => row.name);
  }

  test('without the table every call says what to do', async () => {
    const store = new KnexStore({ knex, table: 'absent' });
    const present = await storeOn(knex);
    const { id, record } = await created(present);
    const { token } = await hitOf(present, id);
    const calls = [
      store.load(newId()),
      store.create(newId(), draftOf()),
      store.update(newId(), record, draftOf()),
      store.touch(newId(), 1),
      store.delete(newId()),
      store.deleteExpired(),
      store.bySubject('user'),
      Array.fromAsync(store.entries()),
      store.loadOrLease(newId()),
      store.replaceIf(id, token, record),
    ];
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({
        reason: { code: 'STORE_UNAVAILABLE', retryable: false, message: expect.stringContaining('createTable()') },
      });
    }
  });
});

describe('a store is refused', () => {
  test.each(['', 'a b', 'a"b', 'a`b', 'a.b', '1a', 'a;', 'ä', 'a\0', 'x'.repeat(64), '??', null, 7])(
    'a table or a schema called %j',
    (name) => {
      const knex = knexOf({ client: 'pg' });
      expect(() => new KnexStore({ knex, table: name as string })).toThrow(TypeError);
      expect(() => new KnexStore({ knex, schema: name as string })).toThrow(TypeError);
    },
  );

  test.each(['timeoutMs', 'maxDataBytes', 'leaseMs'])('a %s that is no whole number above 0', (name) => {
    const knex = knexOf({ client: 'pg' });
    for (const value of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '5000', null]) {
      expect(() => new KnexStore({ knex, [name]: value })).toThrow(TypeError);
    }
  });

  test.each(['mysql', 'sqlite3', 'mssql', 'cockroachdb', 'oracledb'])('the client %s', (client) => {
    const untested = { client: { driverName: client } } as Knex;
    expect(() => new KnexStore({ knex: untested })).toThrow(/pg, mysql2, better-sqlite3/);
  });

  test('a transaction', async () => {
    const { url, stop } = await startAny.SQLite();
    const knex = connect(url);
    const transaction = await knex.transaction();
    onTestFinished(async () => {
      await transaction.rollback();
      await knex.destroy();
      await stop();
    });
    expect(() => new KnexStore({ knex: transaction })).toThrow(/transaction/);
  });
});

describe('a database that cannot keep what the store promises is refused', () => {
  const refused = async (knex: Knex, reason: RegExp, options = {}): Promise<void> => {
    onTestFinished(() => knex.destroy());
    const store = new KnexStore({ knex, ...options });
    for (const call of [() => store.createTable(), () => store.load(newId())]) {
      const error: Error = await call().then(
        () => expect.unreachable(),
        (thrown) => thrown,
      );
      expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: false });
      expect(error.message).toMatch(reason);
    }
  };

  test.each([
    ['no WAL', ['synchronous = FULL'], /WAL/],
    ['commits that a power failure undoes', ['journal_mode = WAL', 'synchronous = NORMAL'], /FULL/],
  ])('SQLite with %s', async (_, pragmas, reason) => {
    const { url, stop } = await startAny.SQLite();
    onTestFinished(stop);
    const afterCreate = (connection: { pragma(text: string): void }, done: () => void): void => {
      pragmas.forEach((pragma) => void connection.pragma(pragma));
      done();
    };
    await refused(connect(url, { pool: { afterCreate } }), reason);
  });

  test('SQLite in memory', async () => {
    const pool = { afterCreate: configureSqlite };
    await refused(connect('file:', { connection: { filename: ':memory:' }, pool }), /file/);
  });

  test('MariaDB without autocommit, or with packets that are too small', async () => {
    const { url, stop } = await startAny.MariaDB();
    onTestFinished(stop);
    const afterCreate = (connection: { query(text: string, done: unknown): void }, done: unknown): void =>
      connection.query('SET autocommit = 0', done);
    await refused(connect(url, { pool: { afterCreate } }), /autocommit/);
    await refused(connect(url), /max_allowed_packet/, { maxDataBytes: 16_777_216 });
  });

  test('PostgreSQL with an encoding that lacks most characters', async () => {
    const { url, stop } = await startAny.PostgreSQL();
    const admin = connect(url);
    await admin.raw("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    onTestFinished(async () => {
      await admin.raw('DROP DATABASE latin WITH (FORCE)');
      await admin.destroy();
      await stop();
    });
    const latin = new URL(url);
    latin.pathname = '/latin';
    await refused(connect(latin.href), /UTF8/);
  });
});

test('a schema of PostgreSQL and a database of MariaDB keep tables of their own', async () => {
  for (const start of [startAny.PostgreSQL, startAny.MariaDB]) {
    const { url, stop } = await start();
    const knex = connect(url);
    onTestFinished(async () => {
      await knex.destroy();
      await stop();
    });
    const schema = knex.client.driverName === 'pg' ? 'apart' : new URL(url).pathname.slice(1);
    await knex.raw('CREATE SCHEMA IF NOT EXISTS ??', [schema]);
    const { id, record } = await created(await storeOn(knex, { table: 'sessions', schema }));
    expect(await new KnexStore({ knex, table: 'sessions', schema }).load(id)).toEqual(record);
    await knex.schema.withSchema(schema).dropTable('sessions');
  }
});
