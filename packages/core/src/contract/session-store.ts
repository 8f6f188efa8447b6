/**
 * The store contract. The numbered rules behind it, each with its intent, are in `docs/contract.md`;
 * `@stet/conformance` runs them against any store.
 */

/** What a caller wants kept for one session id. */
export interface SessionDraft {
  /**
   * Well-formed Unicode text without U+0000, opaque to the store; at most `capabilities.maxDataBytes` bytes of UTF-8.
   */
  readonly data: string;
  /** When the record ends, in Unix milliseconds: a whole number. From that instant on it reads as absent. */
  readonly expiresAt: number;
  /** Whom the session belongs to (a user id, say), for `bySubject`: 1 to 255 bytes of UTF-8 without U+0000. */
  readonly subject?: string;
  /**
   * `create` only: the creation time to carry over when a session moves to a new id; else the store's clock is read.
   */
  readonly createdAt?: number;
}

/** What a store keeps for one session id. */
export interface SessionRecord extends SessionDraft {
  /**
   * A random whole number from 1 to below 2^48 at creation, one more with each update. `touch` leaves it as it is. So a
   * record that was loaded before a delete never has the revision of one that was created later under the same id.
   */
  readonly revision: number;
  /** When the session began, in Unix milliseconds. No update changes it. */
  readonly createdAt: number;
}

/** How an `update` ended. Only `updated` changed anything. */
export type UpdateResult =
  | { readonly status: 'updated'; readonly record: SessionRecord }
  /** Another update came first; `current` is the record that beat this one, ready to be merged with. */
  | { readonly status: 'conflict'; readonly current: SessionRecord }
  /** Deleted or expired. It stays so: no update creates. */
  | { readonly status: 'gone' };

/** How a record is loaded. */
export interface LoadOptions {
  /**
   * Asks the store of record where a cache might answer; a store without a cache has nothing to ask. Default `false`.
   */
  readonly fresh?: boolean;
}

/** What a store can do, as plain data: the same for the life of the store, and safe to put into JSON. */
export interface StoreCapabilities {
  /** Acknowledged records outlive a restart and are never evicted to make room. */
  readonly durable: boolean;
  /** Other processes with a store of the same settings see the same records. */
  readonly shared: boolean;
  /** `entries()` is there: {@link IterableStore}. */
  readonly iterable: boolean;
  /** `deleteExpired()` is there: {@link SweepableStore}. False where the backend removes expired records by itself. */
  readonly sweepable: boolean;
  /** `bySubject()` is there: {@link SubjectStore}. */
  readonly bySubject: boolean;
  /** `loadOrLease()` and `replaceIf()` are there: {@link FrontStore}. */
  readonly leasable: boolean;
  /** How late a record may end after `expiresAt`, in milliseconds; it never ends early. 1 means to the millisecond. */
  readonly expiryGranularityMs: number;
  /** The most UTF-8 bytes that `data` may have. */
  readonly maxDataBytes: number;
}

/**
 * Keeps session records by id and settles every race between them by compare-and-set.
 *
 * Ids are 64 lower-case hexadecimal digits. An argument that breaks its description here is a `TypeError`, before any
 * I/O; data above `maxDataBytes` is `STORE_TOO_LARGE`. Every call settles within the store's `timeoutMs`. A failure of
 * the backend rejects with a {@link StoreError} and is never reported as `null`, `false` or `gone`. A rejected write
 * happened whole or not at all. After a resolved write every later `load`, from any process, sees it or a newer one.
 */
export interface SessionStore {
  readonly capabilities: StoreCapabilities;

  /** The live record, or `null` where there is none. An expired record is none. Never creates or extends. */
  load(id: string, options?: LoadOptions): Promise<SessionRecord | null>;

  /**
   * Inserts a record and resolves to it, or to `null` where a live record has the id. Of any number of concurrent
   * creators exactly one wins. An expired record does not hold its id. A draft that has expired already is inserted and
   * gone at once.
   */
  create(id: string, draft: SessionDraft): Promise<SessionRecord | null>;

  /**
   * Atomic compare-and-set: stores the draft as revision `base.revision + 1` if and only if the live record has
   * `base.revision`. Of any number of concurrent updates from one base exactly one wins. Data and subject are replaced
   * whole (a draft without a subject takes it away); `createdAt` stays. The expiry is stored as given, except that a
   * draft which repeats `base.expiresAt` leaves the stored one alone, so that a touch in between stands; one in the
   * past ends the record at once. A retried command is no conflict with oneself: a store that finds its own write in
   * place of the base reports `updated`. Over a record that cannot be read it rejects with `STORE_CORRUPT_RECORD` and
   * leaves that as it is.
   */
  update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult>;

  /**
   * Extends a live record to `expiresAt` where that is later than its own; nothing else changes. `false`: there is
   * none.
   */
  touch(id: string, expiresAt: number): Promise<boolean>;

  /**
   * Removes the record for good: nothing loaded before brings it back. `false`: there was no live one. Of any number of
   * concurrent deletes of one record exactly one resolves to `true`. What cannot be read is removed as well.
   */
  delete(id: string): Promise<boolean>;

  /**
   * Releases what the store itself holds, once; the client it was given stays open. Calls under way settle, later calls
   * reject with `STORE_CLOSED`. Closing twice is the same as once.
   */
  close(): Promise<void>;
}

/** A store that can be listed (`capabilities.iterable`). */
export interface IterableStore extends SessionStore {
  /**
   * All live records, in no order. One that lives all through is seen exactly once, whatever else changes meanwhile;
   * one that comes or goes meanwhile at most once. A record that cannot be read is left out, so that it hides no other;
   * `load` tells what is wrong with it. Leaving the loop early releases everything.
   */
  entries(): AsyncIterable<readonly [id: string, record: SessionRecord]>;
}

/** Settings of one sweep. */
export interface SweepOptions {
  /** The most records to delete in this call. Default: all. */
  readonly limit?: number;
  /** Ends the sweep between two batches; what was deleted stays deleted and the count is resolved. */
  readonly signal?: AbortSignal;
}

/** A store whose expired records have to be removed by somebody (`capabilities.sweepable`). */
export interface SweepableStore extends SessionStore {
  /**
   * Deletes expired records in batches and resolves to their number. Any number of processes may sweep at once. Live
   * records are never touched.
   */
  deleteExpired(options?: SweepOptions): Promise<number>;
}

/** A store that finds sessions by whom they belong to (`capabilities.bySubject`). */
export interface SubjectStore extends SessionStore {
  /** The live records whose subject equals `subject`, byte for byte, in no order. */
  bySubject(subject: string): Promise<ReadonlyArray<readonly [id: string, record: SessionRecord]>>;
}

/** What a front has for an id. */
export type FrontResult =
  /** A record, the token of its entry, and when that entry was written by the store's clock (Unix milliseconds). */
  | { readonly status: 'hit'; readonly record: SessionRecord; readonly token: string; readonly storedAt: number }
  /**
   * Nothing: the caller now holds the lease, and may fill the entry with {@link FrontStore.replaceIf} until it runs
   * out.
   */
  | { readonly status: 'leased'; readonly token: string }
  /** Nothing, and somebody else holds the lease. */
  | { readonly status: 'busy' };

/**
 * A store that can stand in front of another (`capabilities.leasable`). Every write to an entry (`create`, `update`,
 * `touch`, `replaceIf`, `delete`) and every eviction gives it a new token or none, so that a holder of the old one can
 * change nothing. Tokens are random and never repeat. A lease reads as no record and does not hold its id.
 */
export interface FrontStore extends SessionStore {
  /** The entry with its token; on a miss a lease, or `busy` where another caller holds one. */
  loadOrLease(id: string): Promise<FrontResult>;

  /**
   * Stores the record as it is (revision and creation time included) if and only if `token` still stands for the id,
   * and resolves to the token of the new entry; else to `null`, and nothing changed.
   */
  replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null>;
}
