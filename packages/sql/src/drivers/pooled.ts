import type { SqlDatabase } from '../sql-database.ts';
import type { Driver } from './driver.ts';

/** Where connections come from. */
export interface Connections<Connection> {
  acquire(): PromiseLike<Connection>;
  /** Takes a connection back, be it whole or broken. */
  release(connection: Connection): void;
}

/** A database whose statements take a connection each, for as long as they run. */
export function pooled<Connection>(
  { acquire, release }: Connections<Connection>,
  driver: Driver<Connection>,
): SqlDatabase {
  return {
    dialect: driver.dialect,
    async run(statement, values, turn) {
      const connection = await acquire();
      try {
        return await driver.run(connection, statement, values, turn);
      } finally {
        release(connection);
      }
    },
  };
}
