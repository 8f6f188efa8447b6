import type { Driver } from './driver.ts';
import { type PreparedStatement, sqliteDriver } from './sqlite.ts';

/** The part of better-sqlite3's `Database` that is used here. */
export interface BetterSqlite3Connection {
  prepare(text: string): PreparedStatement & { safeIntegers(areBigInts: boolean): unknown };
  readonly inTransaction: boolean;
}

export const betterSqlite3: Driver<BetterSqlite3Connection> = sqliteDriver({
  prepare(connection, text) {
    const prepared = connection.prepare(text);
    prepared.safeIntegers(false);
    return prepared;
  },
  isInTransaction: ({ inTransaction }) => inTransaction,
});
