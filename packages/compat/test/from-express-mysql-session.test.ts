import { freePort, type MariaDbServer, startMariaDb } from '@stet/services';
import mysqlStoreOf from 'express-mysql-session';
import session from 'express-session';
import { createPool } from 'mysql2/promise';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { expressMysqlSession } from '../src/from.ts';
import type { Library } from './from/library.ts';
import { manySids, movesInFrom } from './from/moving-in-from.ts';

const MysqlStore = mysqlStoreOf(session as never);

let server: MariaDbServer;

beforeAll(async () => {
  server = await startMariaDb();
});
afterAll(() => server.stop());

interface Names {
  readonly tableName: string;
  readonly columnNames: { readonly session_id: string; readonly expires: string; readonly data: string };
}

async function open({ tableName, columnNames }: Names): Promise<Library> {
  const pool = createPool(server.url);
  onTestFinished(() => pool.end());
  await pool.query('DROP TABLE IF EXISTS ??', [tableName]);
  const schema = { tableName, columnNames };
  const store = new MysqlStore({ clearExpired: false, schema }, pool as never);
  await store.onReady();
  const { session_id, expires, data } = columnNames;
  const nobody = createPool({ host: '127.0.0.1', port: await freePort() });
  onTestFinished(() => nobody.end());
  return {
    store,
    from: expressMysqlSession({ pool, schema }),
    refused: async () => expressMysqlSession({ pool, schema: { tableName: 'absent' } }),
    unreachable: expressMysqlSession({ pool: nobody }),
    async remaining() {
      const [rows] = await pool.query('SELECT ?? AS sid FROM ??', [session_id, tableName]);
      return (rows as Array<{ sid: string }>).map(({ sid }) => sid);
    },
    spoil: (sid) => pool.query('UPDATE ?? SET ?? = left(??, 9) WHERE ?? = ?', [tableName, data, data, session_id, sid]),
    expire: (sid) =>
      pool.query('UPDATE ?? SET ?? = ?? - 90000 WHERE ?? = ?', [tableName, expires, expires, session_id, sid]),
  };
}

const usual: Names = {
  tableName: 'sessions',
  columnNames: { session_id: 'session_id', expires: 'expires', data: 'data' },
};

movesInFrom('express-mysql-session', () => open(usual));
movesInFrom('express-mysql-session with names that have to be quoted', () =>
  open({ tableName: 'ses`sions; --', columnNames: { session_id: 'the `key`', expires: "ends'", data: 'select' } }),
);

test('a table of many pages is listed whole, each session once', async () => {
  const { from } = await open(usual);
  const pool = createPool(server.url);
  onTestFinished(() => pool.end());
  const row = `concat('sid-', seq), unix_timestamp() + 3600, '{"cookie":{}}'`;
  await pool.query(`INSERT INTO sessions (session_id, expires, data) SELECT ${row} FROM seq_1_to_350`);
  const sids = (await Array.fromAsync(from.entries())).map(([sid]) => sid);
  expect(sids.sort()).toEqual(manySids);
});
