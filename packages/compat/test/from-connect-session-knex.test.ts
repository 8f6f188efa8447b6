import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startMariaDb, startPostgres } from '@stet/services';
import { ConnectSessionKnexStore } from 'connect-session-knex';
import knexOf, { type Knex } from 'knex';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { connectSessionKnex } from '../src/from.ts';
import type { Library } from './from/library.ts';
import { manySids, movesInFrom, oddities } from './from/moving-in-from.ts';

const running: { [server in 'postgres' | 'mariadb']?: { readonly url: string; stop(): Promise<void> } } = {};
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stet-from-knex-'));
  [running.postgres, running.mariadb] = await Promise.all([
    startPostgres(),
    startMariaDb({ args: ['--character-set-server=utf8mb4'] }),
  ]);
});
afterAll(async () => {
  await Promise.all([running.postgres?.stop(), running.mariadb?.stop(), rm(folder, { recursive: true })]);
});

const tableName = 'web_sessions';
const sidFieldName = 'session_key';

async function open(config: Knex.Config, nobody: Knex.Config, past: string): Promise<Library> {
  const knex = knexOf({ ...config, useNullAsDefault: true });
  const elsewhere = knexOf({ ...nobody, useNullAsDefault: true, log: { error() {}, warn() {} } });
  onTestFinished(async () => {
    await Promise.all([knex.destroy(), elsewhere.destroy()]);
  });
  await knex.schema.dropTableIfExists(tableName);
  const store = new ConnectSessionKnexStore({ knex, tableName, sidFieldName, cleanupInterval: 0 });
  await store.ready;
  const row = (sid: string) => knex(tableName).where(sidFieldName, sid);
  return {
    store,
    from: connectSessionKnex({ knex, tableName, sidFieldName }),
    refused: async () => connectSessionKnex({ knex, tableName: 'absent', sidFieldName }),
    unreachable: connectSessionKnex({ knex: elsewhere, tableName, sidFieldName }),
    remaining: () => knex(tableName).pluck(sidFieldName),
    spoil: async (sid) => row(sid).update({ sess: '[1]' }),
    expire: async (sid) => row(sid).update({ expired: past }),
  };
}

movesInFrom('connect-session-knex on PostgreSQL', async () => {
  const connection = { connectionString: running.postgres?.url ?? '', options: '-c timezone=Pacific/Kiritimati' };
  const nobody = { client: 'pg', connection: { host: '127.0.0.1', port: await freePort() } };
  return open({ client: 'pg', connection }, nobody, '2001-01-01T00:00:00.000Z');
});

movesInFrom('connect-session-knex on MariaDB', async () => {
  // The driver takes the column, which is in UTC, for local time.
  const connection = { uri: running.mariadb?.url ?? '', timezone: '+14:00' };
  const nobody = { client: 'mysql2', connection: { host: '127.0.0.1', port: await freePort() } };
  const config = { client: 'mysql2', connection: connection as Knex.StaticConnectionConfig };
  const { half, ...values } = oddities;
  return { ...(await open(config, nobody, '2001-01-01 00:00:00')), values };
});

movesInFrom('connect-session-knex on SQLite', async () => {
  const sqlite = (filename: string): Knex.Config => ({ client: 'better-sqlite3', connection: { filename } });
  return open(sqlite(join(folder, 'sessions')), sqlite(join(folder, 'none', 'sessions')), '2001-01-01T00:00:00.000Z');
});

test('a table of many pages is listed whole, each session once', async () => {
  const knex = knexOf({ client: 'better-sqlite3', connection: ':memory:', useNullAsDefault: true });
  onTestFinished(() => knex.destroy());
  await new ConnectSessionKnexStore({ knex, cleanupInterval: 0 }).ready;
  const rows = manySids.map((sid) => ({ sid, sess: '{"cookie":{}}', expired: '2999-01-01T00:00:00.000Z' }));
  await knex.batchInsert('sessions', rows, 100);
  const sids = (await Array.fromAsync(connectSessionKnex({ knex }).entries())).map(([sid]) => sid);
  expect(sids.sort()).toEqual(manySids);
});

test('names that are no plain names, and databases that it does not know, are refused', async () => {
  const knex = knexOf({ client: 'better-sqlite3', useNullAsDefault: true });
  for (const name of ['', 'a b', 'a"b', 'a.b', 'a as b', 'a\0']) {
    expect(() => connectSessionKnex({ knex, tableName: name })).toThrow(TypeError);
    expect(() => connectSessionKnex({ knex, sidFieldName: name })).toThrow(TypeError);
  }
  const oracle = Object.assign((table: string) => knex(table), { client: { dialect: 'oracle' }, raw: knex.raw });
  expect(() => connectSessionKnex({ knex: oracle })).toThrow(/PostgreSQL/);
});
