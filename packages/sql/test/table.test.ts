import { created, draftOf, hitOf, newId, type Opening, startAny, storeOn } from '@stet/sql-doors';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSessionsTable, SqlStore, sessionsTableSql } from '../src/index.ts';
import { native, onEachDatabase } from './doors/native.ts';

onEachDatabase((place) => {
  test('createTable can be raced, and repeated over records', async () => {
    const others = await Promise.all(Array.from({ length: 8 }, () => place.another()));
    for (let round = 0; round < 5; round += 1) {
      const stores = others.map((other) => other.store({ table: `raced${round}` }));
      await Promise.all(stores.map((store) => store.createTable()));
      const { id, record } = await created(stores[0] as SqlStore);
      await Promise.all(others.map((other) => createSessionsTable(other.database, { table: `raced${round}` })));
      expect(await stores[1]?.load(id)).toEqual(record);
    }
  });

  test('the statements that are shown for a migration make the table', async () => {
    const dialect = place.opened.database.dialect;
    for (const statement of sessionsTableSql(dialect, { table: 'migrated' })) await place.admin.raw(statement);
    const { id, record } = await created(place.opened.store({ table: 'migrated' }));
    expect(await place.opened.store({ table: 'migrated' }).load(id)).toEqual(record);
  });

  test('finding expired records and those of a subject takes an index, with names of any length', async () => {
    const common = 'x'.repeat(60);
    for (const table of [`${common}1`, `${common}2`, 's', 'order', 'Mixed']) {
      await storeOn(place.opened, { table });
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
    const response = await place.admin.raw(String(queries[place.name]), [table]);
    const rows: Array<{ name: string }> = place.name === 'SQLite' ? response : (response.rows ?? response[0]);
    return rows.map((row) => row.name);
  }

  test('without the table every call says what to do', async () => {
    const store = place.opened.store({ table: 'absent' });
    const present = await storeOn(place.opened);
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
  const database = { dialect: 'postgres', run: () => expect.unreachable() } as const;

  test.each(['', 'a b', 'a"b', 'a`b', 'a.b', '1a', 'a;', 'ä', 'a\0', 'x'.repeat(64), '??', null, 7])(
    'a table or a schema called %j',
    (name) => {
      expect(() => new SqlStore({ database, table: name as string })).toThrow(TypeError);
      expect(() => new SqlStore({ database, schema: name as string })).toThrow(TypeError);
      expect(() => sessionsTableSql('postgres', { table: name as string })).toThrow(TypeError);
    },
  );

  test.each(['timeoutMs', 'maxDataBytes', 'leaseMs'])('a %s that is no whole number above 0', (name) => {
    for (const value of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '5000', null]) {
      expect(() => new SqlStore({ database, [name]: value })).toThrow(TypeError);
    }
  });

  test.each(['mssql', 'cockroachdb', 'toString', undefined])('the dialect %s', (dialect) => {
    expect(() => new SqlStore({ database: { ...database, dialect: dialect as 'postgres' } })).toThrow(
      /postgres, mysql, sqlite/,
    );
  });
});

describe('a database that cannot keep what the store promises is refused', () => {
  async function refused(
    name: keyof typeof native,
    url: string,
    reason: RegExp,
    opening: Opening,
    settings = {},
  ): Promise<void> {
    const opened = await native[name].open(url, opening);
    onTestFinished(() => opened.close());
    const store = opened.store(settings);
    for (const call of [() => store.createTable(), () => store.load(newId())]) {
      const error: Error = await call().then(
        () => expect.unreachable(),
        (thrown) => thrown,
      );
      expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: false });
      expect(error.message).toMatch(reason);
    }
  }

  test.each([
    ['no WAL', ['PRAGMA journal_mode = DELETE'], /WAL/],
    ['commits that a power failure undoes', ['PRAGMA synchronous = NORMAL'], /FULL/],
    ['waiting that stops the process', ['PRAGMA busy_timeout = 5000'], /5000 ms/],
  ])('SQLite with %s', async (_, begin, reason) => {
    const { url, stop } = await startAny.SQLite();
    onTestFinished(stop);
    await refused('SQLite', url, reason, { begin });
  });

  test('MariaDB without autocommit, or with packets that are too small', async () => {
    const { url, stop } = await startAny.MariaDB();
    onTestFinished(stop);
    await refused('MariaDB', url, /autocommit/, { begin: ['SET autocommit = 0'] });
    await refused('MariaDB', url, /max_allowed_packet/, {}, { maxDataBytes: 16_777_216 });
  });

  test('PostgreSQL with an encoding that lacks most characters', async () => {
    const { url, stop } = await startAny.PostgreSQL();
    const opened = await native.PostgreSQL.open(url);
    await opened.query("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    onTestFinished(async () => {
      await opened.query('DROP DATABASE latin WITH (FORCE)');
      await opened.close();
      await stop();
    });
    const latin = new URL(url);
    latin.pathname = '/latin';
    await refused('PostgreSQL', latin.href, /UTF8/, {});
  });
});

test('a schema of PostgreSQL and a database of MariaDB keep tables of their own', async () => {
  for (const name of ['PostgreSQL', 'MariaDB'] as const) {
    const { url, stop } = await startAny[name]();
    const opened = await native[name].open(url);
    onTestFinished(async () => {
      await opened.close();
      await stop();
    });
    const schema = name === 'PostgreSQL' ? 'apart' : new URL(url).pathname.slice(1);
    if (name === 'PostgreSQL') await opened.query(`CREATE SCHEMA ${schema}`);
    const { id, record } = await created(await storeOn(opened, { table: 'sessions', schema }));
    expect(await opened.store({ table: 'sessions', schema }).load(id)).toEqual(record);
  }
});
