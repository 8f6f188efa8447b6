import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MemoryStore, type SessionStore } from '@stet/core';
import { FileStore } from '@stet/file';
import { configureSqlite, KnexStore } from '@stet/knex';
import { startMariaDb, startPostgres } from '@stet/services';
import knex, { type Knex } from 'knex';
import { type Connection, type Kind, startTier, type Tier } from './tier.ts';

export type BackName = 'Memory' | 'PostgreSQL' | 'MariaDB' | 'SQLite' | 'File';
export type BackTier = Tier<SessionStore>;

const pool = { min: 0, max: 10 };
// Each refused connection would be a warning on the console.
const log = { warn() {} };

export const backKinds: Readonly<Record<BackName, Kind<SessionStore>>> = {
  Memory: {
    isShared: false,
    start: async () => ({ url: 'memory:', stop: async () => {} }),
    connect: () => ({
      open: async (settings) => new MemoryStore(settings),
      close: async () => {},
    }),
  },
  PostgreSQL: {
    isShared: true,
    start: startPostgres,
    connect: (connection) => sql(knex({ client: 'pg', connection, pool, log })),
  },
  MariaDB: {
    isShared: true,
    start: startMariaDb,
    connect: (connection) => sql(knex({ client: 'mysql2', connection, pool, log })),
  },
  SQLite: {
    isShared: true,
    start: folder,
    connect: (url) =>
      sql(
        knex({
          client: 'better-sqlite3',
          connection: { filename: join(fileURLToPath(url), 'sessions.db') },
          pool: { afterCreate: configureSqlite },
          useNullAsDefault: true,
        }),
      ),
  },
  File: {
    isShared: true,
    start: folder,
    connect(url) {
      const directoryOf = (namespace: string): string => join(fileURLToPath(url), namespace);
      return {
        // What a power failure leaves is for the tests of the file store alone, and syncing takes most of the time.
        open: async (settings) =>
          new FileStore({ directory: directoryOf(settings.namespace), durability: 'process-crash', ...settings }),
        remove: (namespace) => rm(directoryOf(namespace), { recursive: true, force: true }),
        close: async () => {},
      };
    },
  },
};

export function startBack(name: BackName): Promise<BackTier> {
  return startTier(name, backKinds[name]);
}

function sql(database: Knex): Connection<SessionStore> {
  return {
    async open(settings) {
      const store = new KnexStore({ knex: database, table: settings.namespace, ...settings });
      await store.createTable();
      return store;
    },
    remove: (namespace) => database.schema.dropTableIfExists(namespace),
    spoil: async (namespace, id) => void (await database(namespace).where({ id }).update({ revision: -1 })),
    close: () => database.destroy(),
  };
}

async function folder(): Promise<{ url: string; stop(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'stet-tiered-'));
  return { url: pathToFileURL(path).href, stop: () => rm(path, { recursive: true, force: true }) };
}
