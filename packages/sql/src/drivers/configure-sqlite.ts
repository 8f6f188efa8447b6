import { chmodSync, statSync } from 'node:fs';

/** What better-sqlite3 and `node:sqlite` both have. */
export interface SqliteConnection {
  exec(text: string): unknown;
  prepare(text: string): { all(): readonly unknown[] };
}

/**
 * Sets up a connection of better-sqlite3 or `node:sqlite` as a store needs it: readers and the writer do not block each
 * other, and what was acknowledged outlives a power failure. A file that holds nothing yet is made readable to its
 * owner alone (mode 0600); SQLite gives the files beside it the same mode.
 */
export function configureSqlite(connection: SqliteConnection): void {
  // The driver waits for a lock with the whole process at a standstill. The store waits without, so this is short.
  connection.exec('PRAGMA busy_timeout = 50');
  const [database] = connection.prepare("SELECT file FROM pragma_database_list WHERE name = 'main'").all();
  const { file } = database as { readonly file: string | null };
  if (file && statSync(file).size === 0) chmodSync(file, 0o600);
  connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
}
