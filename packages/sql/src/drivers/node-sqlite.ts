import type { SqlValue } from '../sql-database.ts';
import type { Driver } from './driver.ts';
import { type PreparedStatement, sqliteDriver } from './sqlite.ts';

/** The part of `DatabaseSync` of `node:sqlite` that is used here. */
export interface NodeSqliteConnection {
  prepare(text: string): PreparedStatement & { setReadBigInts(areBigInts: boolean): void };
  readonly isTransaction: boolean;
}

export const nodeSqlite: Driver<NodeSqliteConnection> = sqliteDriver({
  prepare: (connection, text) => readable(connection.prepare(text)),
  isInTransaction: ({ isTransaction }) => isTransaction,
});

/**
 * The driver refuses to read a number that no session has; the store wants to see it, to tell that the row is damaged.
 */
function readable(prepared: ReturnType<NodeSqliteConnection['prepare']>): PreparedStatement {
  return {
    run: (...values) => prepared.run(...values),
    all(...values: SqlValue[]) {
      try {
        return prepared.all(...values);
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'ERR_OUT_OF_RANGE') throw error;
        prepared.setReadBigInts(true);
        try {
          return prepared.all(...values);
        } finally {
          prepared.setReadBigInts(false);
        }
      }
    },
  };
}
