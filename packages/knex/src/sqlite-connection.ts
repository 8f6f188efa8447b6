import { configureSqlite as configure, type SqliteConnection } from '@stet/sql/drivers';

/**
 * Sets up a connection of better-sqlite3 as a store needs it: readers and the writer do not block each other, and what
 * was acknowledged outlives a power failure. A file that holds nothing yet is made readable to its owner alone. For
 * knex's `pool: { afterCreate: configureSqlite }`.
 */
export function configureSqlite(
  connection: SqliteConnection,
  done: (error: unknown, connection: SqliteConnection) => void,
): void {
  try {
    configure(connection);
    done(null, connection);
  } catch (error) {
    done(error, connection);
  }
}
