import { assertWholeNumbers } from '@stet/core';

/**
 * What an acknowledged write outlives: `'power-loss'` syncs files and directories before a write resolves;
 * `'process-crash'` leaves that to the operating system, and is faster.
 */
export type Durability = 'power-loss' | 'process-crash';

export interface FileStoreOptions {
  /** The store's directory, on a local file system, for the store alone. Created where it is missing. */
  readonly directory: string;
  /** Default `'power-loss'`. */
  readonly durability?: Durability;
  /**
   * How long a call may take, in milliseconds; for `entries`, `bySubject` and `deleteExpired` each step. Default 5,000.
   */
  readonly timeoutMs?: number;
  /** The most UTF-8 bytes of data in one record. Default 1 MiB. */
  readonly maxDataBytes?: number;
  /**
   * The most bytes of memory for contents that this process has read or written, which it then need not read again.
   * Default 32 MiB.
   */
  readonly maxCachedBytes?: number;
  /** How long the lease of a missing entry may be held, in milliseconds, where the store is a front. Default 5,000. */
  readonly leaseMs?: number;
  /** The clock, in Unix milliseconds. Processes that share a directory have to agree on it. Default `Date.now`. */
  readonly now?: () => number;
}

export interface FileStoreSettings extends Required<Omit<FileStoreOptions, 'now'>> {
  readonly now: (() => number) | undefined;
}

/** Fills in the defaults, and throws a `TypeError` for what cannot work. */
export function settingsOf({
  directory,
  durability = 'power-loss',
  timeoutMs = 5_000,
  maxDataBytes = 1_048_576,
  maxCachedBytes = 33_554_432,
  leaseMs = 5_000,
  now,
}: FileStoreOptions): FileStoreSettings {
  if (typeof directory !== 'string' || directory === '') throw new TypeError('directory is the path of a directory.');
  if (durability !== 'power-loss' && durability !== 'process-crash') {
    throw new TypeError("durability is 'power-loss' or 'process-crash'.");
  }
  assertWholeNumbers({ maxCachedBytes, leaseMs });
  return { directory, durability, timeoutMs, maxDataBytes, maxCachedBytes, leaseMs, now };
}
