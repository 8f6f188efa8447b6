import type { SqlDatabase } from '../sql-database.ts';
import type { SessionsTable } from './sessions-table.ts';

/** What does not depend on how the database is reached. */
export interface SqlStoreSettings extends SessionsTable {
  /** How long a call may take, in milliseconds; for `entries` and `deleteExpired` each batch. Default 5,000. */
  readonly timeoutMs?: number;
  /** The most UTF-8 bytes of data in one record. Default 1 MiB. */
  readonly maxDataBytes?: number;
  /**
   * How long the lease of a missing entry may be held, in milliseconds, where the store is a front or a migration's
   * target. Default 5,000.
   */
  readonly leaseMs?: number;
  /** The clock, in Unix milliseconds. Processes that share a table have to agree on it. Default `Date.now`. */
  readonly now?: () => number;
}

export interface SqlStoreOptions extends SqlStoreSettings {
  /** What `fromPg` and its like make of the application's own pool or connection. The store never closes it. */
  readonly database: SqlDatabase;
}
