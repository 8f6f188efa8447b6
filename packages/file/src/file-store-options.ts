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
  /** The clock, in Unix milliseconds. Processes that share a directory have to agree on it. Default `Date.now`. */
  readonly now?: () => number;
}
