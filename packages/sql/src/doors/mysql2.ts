import { type Mysql2Connection, mysql2 } from '../drivers/mysql2.ts';
import { pooled } from '../drivers/pooled.ts';
import type { SqlDatabase } from '../sql-database.ts';

export interface PooledMysql2Connection extends Mysql2Connection {
  release(): void;
}

/** The part of a pool of `mysql2` that is used here. */
export interface Mysql2Pool {
  getConnection(done: (error: NodeJS.ErrnoException | null, connection: PooledMysql2Connection) => void): void;
}

/**
 * MySQL or MariaDB through a pool of `mysql2` or of `mysql2/promise`. Each statement takes a connection that nobody
 * else has, and so is never in a transaction of the application. The pool stays the application's: the store never ends
 * it.
 */
export function fromMysql2(pool: Mysql2Pool | { readonly pool: Mysql2Pool }): SqlDatabase {
  const own = 'pool' in pool ? pool.pool : pool;
  if (typeof own?.getConnection !== 'function') throw new TypeError('fromMysql2() takes a pool of mysql2.');
  return pooled<PooledMysql2Connection>(
    {
      acquire: () =>
        new Promise((resolve, reject) => {
          own.getConnection((error, connection) => (error ? reject(error) : resolve(connection)));
        }),
      release: (connection) => connection.release(),
    },
    mysql2,
  );
}
