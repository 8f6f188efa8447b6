import { SqlStore } from '@stet/sql';
import { fromMysql2 } from '@stet/sql/mysql2';
import type { Door } from '@stet/sql-doors';
import mysql2, { type PoolConnection } from 'mysql2';

export const door: Door = {
  name: 'mysql2',
  databases: ['MariaDB'],
  module: import.meta.url,
  open(url, { max = 10, begin = [], meanwhile } = {}) {
    const pool = mysql2.createPool({ uri: url, connectionLimit: max });
    const ready = new WeakSet<object>();
    const database = fromMysql2({
      getConnection(done) {
        pool.getConnection((error, connection) => {
          if (error || ready.has(connection)) return done(error, connection);
          ready.add(connection);
          prepare(connection).then(
            () => done(null, connection),
            (failed) => {
              connection.destroy();
              done(failed, connection);
            },
          );
        });
      },
    });
    async function prepare(connection: PoolConnection): Promise<void> {
      for (const statement of begin) await connection.promise().query(statement);
      await meanwhile?.();
    }
    let closing: Promise<void> | undefined;
    return {
      database,
      store: (settings) => new SqlStore({ database, ...settings }),
      async hold() {
        const connection = await pool.promise().getConnection();
        return async () => connection.release();
      },
      query: async (text) => (await pool.promise().query(text))[0] as Array<Record<string, unknown>>,
      close: () => (closing ??= pool.promise().end()),
    };
  },
};
