import { DatabaseSync } from 'node:sqlite';
import { SqlStore } from '@stet/sql';
import { configureSqlite, fromNodeSqlite } from '@stet/sql/node-sqlite';
import type { Door } from '@stet/sql-doors';

export const door: Door = {
  name: 'node:sqlite',
  databases: ['SQLite'],
  module: import.meta.url,
  open(url, { begin = [], readonly = false } = {}) {
    const connection = new DatabaseSync(new URL(url).pathname, { readOnly: readonly });
    configureSqlite(connection);
    for (const statement of begin) connection.exec(statement);
    const database = fromNodeSqlite(connection);
    return {
      database,
      store: (settings) => new SqlStore({ database, ...settings }),
      async hold() {
        connection.exec('BEGIN');
        return async () => connection.exec('ROLLBACK');
      },
      query: async (text) => connection.prepare(text).all() as Array<Record<string, unknown>>,
      async close() {
        if (connection.isOpen) connection.close();
      },
    };
  },
};
