import { type PgConnection, pg } from '../drivers/pg.ts';
import { pooled } from '../drivers/pooled.ts';
import type { SqlDatabase } from '../sql-database.ts';

/** The part of a `Pool` of `pg` that is used here. */
export interface PgPool {
  connect(): Promise<PooledPgConnection>;
  readonly totalCount: number;
}

export interface PooledPgConnection extends PgConnection {
  on(event: 'error', listener: () => void): unknown;
  removeListener(event: 'error', listener: () => void): unknown;
  release(): void;
}

/**
 * PostgreSQL through a `Pool` of `pg`. Each statement takes a connection that nobody else has, and so is never in a
 * transaction of the application. It is prepared once for each connection. The pool stays the application's: the store
 * never ends it.
 */
export function fromPg(pool: PgPool): SqlDatabase {
  if (typeof pool?.totalCount !== 'number') {
    throw new TypeError('fromPg() takes a Pool of pg. A single Client would put sessions into your transactions.');
  }
  return pooled<PooledPgConnection>(
    {
      async acquire() {
        const connection = await pool.connect();
        connection.on('error', ignore);
        return connection;
      },
      release(connection) {
        connection.removeListener('error', ignore);
        connection.release();
      },
    },
    pg,
  );
}

/**
 * The statement under way is told as well; nobody listens to the connection while it is out of the pool, which would
 * end the process.
 */
function ignore(): void {}
