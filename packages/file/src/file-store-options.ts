/**
 * What an acknowledged write outlives: `'power-loss'` syncs files and directories before a write resolves; `'process-crash'`
 * leaves that to the operating system, and is faster.
 */
export type Durability = 'power-loss' | 'process-crash';

export interface FileStoreOptions {
  /** The store's directory, on a local file system, for the store alone. Created where it is missing. */
  readonly directory: string;
  /** Default `'power-loss'`. */
  readonly durability?: Durability;
  /** How long a call may take, in milliseconds; for `entries`, `bySubject` and `deleteExpired` each step. Default 5,000. */
  readonly timeoutMs?: number;
  /** The most UTF-8 bytes of data in one record. Default 1 MiB. */
  readonly maxDataBytes?: number;
  /** How long the lease of a missing entry may be held, in milliseconds, where the store is a front. Default 5,000. */
  readonly leaseMs?: number;
  /** The clock, in Unix milliseconds. Processes that share a directory have to agree on it. Default `Date.now`. */
  readonly now?: () => number;
}

/** Fills in the defaults, and throws a `TypeError` for what cannot work. */
export function settingsOf({
  directory,
  durability = 'power-loss',
  timeoutMs = 5_000,
  maxDataBytes = 1_048_576,
  leaseMs = 5_000,
  now = Date.now,
}: FileStoreOptions): Required<FileStoreOptions> {
  if (typeof directory !== 'string' || directory === '') throw new TypeError('directory is the path of a directory.');
  if (durability !== 'power-loss' && durability !== 'process-crash') {
    throw new TypeError("durability is 'power-loss' or 'process-crash'.");
  }
  for (const [name, value] of Object.entries({ timeoutMs, maxDataBytes, leaseMs })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new TypeError(`${name} is a whole number above 0, not ${value}.`);
  }
  return { directory, durability, timeoutMs, maxDataBytes, leaseMs, now };
}
