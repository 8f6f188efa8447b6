import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStore, type SessionStore } from '@stet/core';
import { FileStore } from '@stet/file';
import { configureSqlite as afterCreate, KnexStore } from '@stet/knex';
import { clientSettings, MemcachedStore } from '@stet/memcached';
import { RedisStore } from '@stet/redis';
import { startMariaDb, startMemcached, startPostgres, startRedis } from '@stet/services';
import { SqlStore } from '@stet/sql';
import { configureSqlite, fromBetterSqlite3 } from '@stet/sql/better-sqlite3';
import { fromMysql2 } from '@stet/sql/mysql2';
import { fromPg } from '@stet/sql/pg';
import { TieredStore } from '@stet/tiered';
import Database from 'better-sqlite3';
import { Redis } from 'ioredis';
import knexOf from 'knex';
import Memcached from 'memcached';
import { createPool } from 'mysql2';
import pg from 'pg';

/** A store with all that it needs, in a place of its own. */
interface Soaked {
  readonly store: SessionStore;
  close(): Promise<unknown>;
}

async function folder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'stet-soak-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

function inTurn(...steps: ReadonlyArray<() => unknown>): () => Promise<void> {
  return async () => {
    for (const step of steps) await step();
  };
}

async function redis(): Promise<Soaked> {
  const { url, stop } = await startRedis();
  const client = new Redis(url, { enableAutoPipelining: true, maxRetriesPerRequest: 0 });
  return {
    store: new RedisStore({ client }),
    close: inTurn(
      () => client.disconnect(),
      () => stop(),
    ),
  };
}

async function memcached(): Promise<Soaked> {
  const { address, stop } = await startMemcached();
  const client = new Memcached(address, clientSettings);
  return {
    store: new MemcachedStore({ client }),
    close: inTurn(
      () => client.end(),
      () => stop(),
    ),
  };
}

async function file(): Promise<Soaked> {
  const { path, remove } = await folder();
  return { store: new FileStore({ directory: path, durability: 'process-crash' }), close: remove };
}

async function sqlite(): Promise<Soaked> {
  const { path, remove } = await folder();
  const connection = new Database(join(path, 'sessions.db'));
  configureSqlite(connection);
  const store = new SqlStore({ database: fromBetterSqlite3(connection) });
  await store.createTable();
  return {
    store,
    close: inTurn(
      () => connection.close(),
      () => remove(),
    ),
  };
}

async function sqliteThroughKnex(): Promise<Soaked> {
  const { path, remove } = await folder();
  const connection = { filename: join(path, 'sessions.db') };
  const knex = knexOf({ client: 'better-sqlite3', connection, pool: { afterCreate }, useNullAsDefault: true });
  const store = new KnexStore({ knex });
  await store.createTable();
  return {
    store,
    close: inTurn(
      () => knex.destroy(),
      () => remove(),
    ),
  };
}

async function postgres(): Promise<Soaked> {
  const { url, stop } = await startPostgres();
  const pool = new pg.Pool({ connectionString: url });
  const store = new SqlStore({ database: fromPg(pool) });
  await store.createTable();
  return {
    store,
    close: inTurn(
      () => pool.end(),
      () => stop(),
    ),
  };
}

async function mariaDb(): Promise<Soaked> {
  const { url, stop } = await startMariaDb();
  const pool = createPool(url);
  const store = new SqlStore({ database: fromMysql2(pool) });
  await store.createTable();
  return {
    store,
    close: inTurn(
      () => pool.promise().end(),
      () => stop(),
    ),
  };
}

async function tiered(): Promise<Soaked> {
  const [front, back] = await Promise.all([redis(), postgres()]);
  const store = new TieredStore({ front: front.store as RedisStore, back: back.store });
  return {
    store,
    close: inTurn(
      () => store.close(),
      () => front.close(),
      () => back.close(),
    ),
  };
}

/** Every store, by the name that it has on the command line. */
export const soaked: Readonly<Record<string, () => Promise<Soaked>>> = {
  memory: async () => ({ store: new MemoryStore(), close: async () => {} }),
  redis,
  memcached,
  file,
  sqlite,
  'sqlite-knex': sqliteThroughKnex,
  postgres,
  mariadb: mariaDb,
  tiered,
};
