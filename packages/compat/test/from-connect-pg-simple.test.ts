import { freePort, type PostgresServer, startPostgres } from '@stet/services';
import connectPgSimpleOf from 'connect-pg-simple';
import session from 'express-session';
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { connectPgSimple } from '../src/from.ts';
import type { Library } from './from/library.ts';
import { manySids, movesInFrom } from './from/moving-in-from.ts';

const PgStore = connectPgSimpleOf(session);

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

async function open(schemaName: string | undefined, tableName: string): Promise<Library> {
  // Far from UTC, and from the tests' own time zone: the library's column has none.
  const pool = new pg.Pool({ connectionString: server.url, options: '-c timezone=Pacific/Kiritimati' });
  onTestFinished(() => pool.end());
  const quote = (name: string) => pg.escapeIdentifier(name);
  const table = schemaName ? `${quote(schemaName)}.${quote(tableName)}` : quote(tableName);
  if (schemaName) await pool.query(`CREATE SCHEMA IF NOT EXISTS ${quote(schemaName)}`);
  await pool.query(`DROP TABLE IF EXISTS ${table}`);
  const names = { ...(schemaName && { schemaName }), tableName };
  const nobody = new pg.Pool({ host: '127.0.0.1', port: await freePort() });
  return {
    store: new PgStore({ pool, ...names, createTableIfMissing: true, pruneSessionInterval: false }),
    from: connectPgSimple({ pool, ...names }),
    refused: async () => connectPgSimple({ pool, tableName: 'absent' }),
    unreachable: connectPgSimple({ pool: nobody }),
    async remaining() {
      const { rows } = await pool.query(`SELECT sid FROM ${table}`);
      return rows.map(({ sid }) => sid);
    },
    spoil: (sid) => pool.query(`UPDATE ${table} SET sess = '[1]' WHERE sid = $1`, [sid]),
    expire: (sid) => pool.query(`UPDATE ${table} SET expire = now() - interval '1 minute' WHERE sid = $1`, [sid]),
  };
}

movesInFrom('connect-pg-simple', () => open(undefined, 'session'));
movesInFrom('connect-pg-simple with a schema and a table that have to be quoted', () =>
  open('My "schema"', `ses'sions"; DROP TABLE session; --`),
);

test('a table of many pages is listed whole, each session once', async () => {
  const { from } = await open(undefined, 'session');
  const pool = new pg.Pool({ connectionString: server.url });
  onTestFinished(() => pool.end());
  await pool.query('CREATE TABLE session (sid varchar PRIMARY KEY, sess json, expire timestamp(6))');
  await pool.query(
    `INSERT INTO session SELECT 'sid-' || n, '{"cookie":{}}', now() + interval '3 days' FROM generate_series(1, 350) n`,
  );
  const sids = (await Array.fromAsync(from.entries())).map(([sid]) => sid);
  expect(sids.sort()).toEqual(manySids);
});

test('names that are none are refused', () => {
  const pool = { query: async () => ({ rows: [], rowCount: 0 }) };
  for (const name of ['', 'a\0b', 7 as never]) {
    expect(() => connectPgSimple({ pool, tableName: name })).toThrow(TypeError);
    expect(() => connectPgSimple({ pool, schemaName: name })).toThrow(TypeError);
  }
});
