import type { Knex } from 'knex';
import type { SessionsTable } from './sessions-table.ts';

export interface KnexStoreOptions extends SessionsTable {
  /** A knex instance with the client `pg`, `mysql2` or `better-sqlite3`. It stays the application's: the store never destroys it. */
  readonly knex: Knex;
  /** How long a call may take, in milliseconds; for `entries` and `deleteExpired` each batch. Default 5,000. */
  readonly timeoutMs?: number;
  /** The most UTF-8 bytes of data in one record. Default 1 MiB. */
  readonly maxDataBytes?: number;
  /** How long the lease of a missing entry may be held, in milliseconds, where the store is a front or a migration's target. Default 5,000. */
  readonly leaseMs?: number;
  /** The clock, in Unix milliseconds. Processes that share a table have to agree on it. Default `Date.now`. */
  readonly now?: () => number;
}

/** Throws a `TypeError` for durations and sizes that cannot work. */
export function assertNumbers(
  numbers: Required<Pick<KnexStoreOptions, 'timeoutMs' | 'maxDataBytes' | 'leaseMs'>>,
): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new TypeError(`${name} is a whole number above 0, not ${value}.`);
    }
  }
}
