import { SqlStore } from '@stet/sql';
import { configureSqlite, fromBetterSqlite3 } from '@stet/sql/better-sqlite3';
import type { Door } from '@stet/sql-doors';
import Database from 'better-sqlite3';

export const door: Door = {
  name: 'better-sqlite3',
  databases: ['SQLite'],
  module: import.meta.url,
  open(url, { begin = [], readonly = false } = {}) {
    const connection = new Database(new URL(url).pathname, { readonly });
    configureSqlite(connection);
    for (const statement of begin) connection.exec(statement);
    const database = fromBetterSqlite3(connection);
    return {
      database,
      store: (settings) => new SqlStore({ database, ...settings }),
      async hold() {
        connection.exec('BEGIN');
        return async () => void connection.exec('ROLLBACK');
      },
      async query(text) {
        const statement = connection.prepare(text);
        if (statement.reader) return statement.all() as Array<Record<string, unknown>>;
        statement.run();
        return [];
      },
      close: async () => void connection.close(),
    };
  },
};
