/** The part of better-sqlite3's `Database` that is used here. */
export interface SqliteConnection {
  pragma(source: string): unknown;
}

/**
 * Sets up a connection of better-sqlite3 as a store needs it: readers and the writer do not block each other, and what was
 * acknowledged outlives a power failure. For knex's `pool: { afterCreate: configureSqlite }`.
 */
export function configureSqlite(
  connection: SqliteConnection,
  done: (error: unknown, connection: SqliteConnection) => void,
): void {
  try {
    // The driver waits for a lock with the whole process at a standstill. The store waits without, so this is short.
    connection.pragma('busy_timeout = 50');
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
    done(null, connection);
  } catch (error) {
    done(error, connection);
  }
}
