import { SqlStore } from '@stet/sql';
import { fromPg } from '@stet/sql/pg';
import type { Door } from '@stet/sql-doors';
import pg from 'pg';

export const door: Door = {
  name: 'pg',
  databases: ['PostgreSQL'],
  module: import.meta.url,
  open(url, { max = 10, begin = [], meanwhile = async () => {} } = {}) {
    const pool = new pg.Pool({
      connectionString: url,
      max,
      async onConnect(client: pg.ClientBase) {
        for (const statement of begin) await client.query(statement);
        await meanwhile();
      },
    } as pg.PoolConfig);
    pool.on('error', () => {});
    const database = fromPg(pool);
    let closing: Promise<void> | undefined;
    return {
      database,
      store: (settings) => new SqlStore({ database, ...settings }),
      async hold() {
        const client = await pool.connect();
        return async () => client.release();
      },
      query: async (text) => (await pool.query(text)).rows,
      close: () => (closing ??= pool.end()),
    };
  },
};
