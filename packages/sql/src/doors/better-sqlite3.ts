import { type BetterSqlite3Connection, betterSqlite3 } from '../drivers/better-sqlite3.ts';
import type { SqlDatabase } from '../sql-database.ts';

export { configureSqlite, type SqliteConnection } from '../drivers/configure-sqlite.ts';
export type { BetterSqlite3Connection };

/**
 * SQLite through a `Database` of better-sqlite3, which `configureSqlite` has set up. A connection of its own is best.
 * While the application has a transaction open on it, calls wait for the end of that. The connection stays the
 * application's.
 */
export function fromBetterSqlite3(connection: BetterSqlite3Connection & { readonly memory: boolean }): SqlDatabase {
  return {
    dialect: 'sqlite',
    inMemory: connection.memory,
    run: (statement, values, turn) => betterSqlite3.run(connection, statement, values, turn),
  };
}
