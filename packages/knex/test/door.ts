import type { Door } from '@stet/sql-doors';
import knex from 'knex';
import { fromKnex } from '../src/from-knex.ts';
import { configureSqlite, KnexStore } from '../src/index.ts';

const clients: Readonly<Record<string, string>> = { 'postgres:': 'pg', 'mysql:': 'mysql2', 'file:': 'better-sqlite3' };

export const door: Door = {
  name: 'knex',
  databases: ['PostgreSQL', 'MariaDB', 'SQLite'],
  module: import.meta.url,
  open(url, { max = 10, readonly = false } = {}) {
    const { protocol, pathname } = new URL(url);
    const isFile = protocol === 'file:';
    const instance = knex({
      client: String(clients[protocol]),
      connection: isFile ? { filename: pathname, options: { readonly } } : url,
      pool: isFile ? { afterCreate: configureSqlite } : { min: 0, max },
      useNullAsDefault: true,
      // Each refused connection is a warning on the console, and refusing them is what many tests do.
      log: { warn() {} },
    });
    return {
      database: fromKnex(instance),
      store: (settings) => new KnexStore({ knex: instance, ...settings }),
      async hold() {
        const transaction = await instance.transaction();
        return async () => void (await transaction.rollback());
      },
      async query(text) {
        const response = await instance.raw(text);
        return isFile ? response : (response.rows ?? response[0]);
      },
      close: () => instance.destroy(),
    };
  },
};
