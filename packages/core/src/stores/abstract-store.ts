import { assertInstant, assertSubject, readDraft } from '../contract/session-draft.ts';
import { assertSessionId } from '../contract/session-id.ts';
import { firstRecord, readChange, readRecord, type SessionChange } from '../contract/session-record.ts';
import type {
  FrontResult,
  FrontStore,
  IterableStore,
  LoadOptions,
  SessionDraft,
  SessionRecord,
  StoreCapabilities,
  SubjectStore,
  SweepableStore,
  SweepOptions,
  UpdateResult,
} from '../contract/session-store.ts';
import { isStoreError, StoreError } from '../contract/store-error.ts';
import { asItIs, Deadline, Deadlines, type OperationKind } from './deadlines.ts';
import { failureOf } from './failure.ts';
import { type AbstractStoreOptions, settingsOf } from './store-settings.ts';

/** The id of a session and its record, as a listing has them. */
export type IdAndRecord = readonly [id: string, record: SessionRecord];

type Awaitable<T> = T | PromiseLike<T>;

/**
 * What all stores share. A subclass says what its backend does in the methods that begin with an underscore, as with
 * the streams of Node.js; nobody but this class calls those. Before each of them this class refuses wrong arguments and
 * a closed store, and reads what the caller gave once. Around it, it keeps the deadline and turns what the driver
 * throws into a `StoreError`. After it, it freezes records and leaves out those that have expired.
 *
 * The facets are there where the subclass has their methods: `_entries`, `_bySubject`, `_deleteExpired`, or both
 * `_loadOrLease` and `_replaceIf`. The capabilities follow from that. The other facets reject with `STORE_UNSUPPORTED`.
 */
export abstract class AbstractStore implements IterableStore, SweepableStore, SubjectStore, FrontStore {
  readonly capabilities: StoreCapabilities;
  readonly #clock: () => number;
  readonly #deadlines: Deadlines;
  #closing: Promise<void> | undefined;

  protected constructor(options: AbstractStoreOptions) {
    const { durable, shared, expiryGranularityMs, maxDataBytes, timeoutMs, now } = settingsOf(options);
    this.#clock = now;
    this.#deadlines = new Deadlines(timeoutMs ?? Number.POSITIVE_INFINITY);
    this.capabilities = Object.freeze({
      durable,
      shared,
      iterable: this._entries !== undefined,
      sweepable: this._deleteExpired !== undefined,
      bySubject: this._bySubject !== undefined,
      leasable: this._loadOrLease !== undefined && this._replaceIf !== undefined,
      expiryGranularityMs,
      maxDataBytes,
    });
  }

  /** The record of the id, or `null`. An expired one may be given as well. */
  protected abstract _load(id: string, deadline: Deadline, options: LoadOptions): Awaitable<SessionRecord | null>;

  /** Keeps this very record, in one step, unless a live record has the id: then `false`. */
  protected abstract _create(id: string, record: SessionRecord, deadline: Deadline): Awaitable<boolean>;

  /**
   * In one step: where the live record has the revision of the base, keeps what `recordAfter(stored, change)` makes of
   * it, and gives that. Else it changes nothing.
   */
  protected abstract _update(
    id: string,
    base: SessionRecord,
    change: SessionChange,
    deadline: Deadline,
  ): Awaitable<UpdateResult>;

  /** Puts the end of the live record off, never forward. `false`: there is none. */
  protected abstract _touch(id: string, expiresAt: number, deadline: Deadline): Awaitable<boolean>;

  /** Removes the record for good. `false`: there was no live one. */
  protected abstract _delete(id: string, deadline: Deadline): Awaitable<boolean>;

  /** Releases what the store itself holds. Called once. */
  protected _close(): Awaitable<void> {}

  /** All records, in pages. The deadline holds for each page, and expired records may be among them. */
  protected _entries?(deadline: Deadline): AsyncIterable<readonly IdAndRecord[]>;

  /** At least the live records of the subject, in pages. The deadline holds for each page; others may be among them. */
  protected _bySubject?(subject: string, deadline: Deadline): AsyncIterable<readonly IdAndRecord[]>;

  /**
   * Deletes at most so many expired records, and yields the number after each batch. The deadline holds for each batch.
   */
  protected _deleteExpired?(limit: number, deadline: Deadline): AsyncIterable<number>;

  /** See {@link FrontStore.loadOrLease}. */
  protected _loadOrLease?(id: string, deadline: Deadline): Awaitable<FrontResult>;

  /** See {@link FrontStore.replaceIf}. */
  protected _replaceIf?(id: string, token: string, record: SessionRecord, deadline: Deadline): Awaitable<string | null>;

  /**
   * What an error of the driver means, or `undefined` for one that is not the driver's. By default every error that is
   * no mistake of a program (`TypeError` and the like) is `STORE_UNAVAILABLE` for a read and `STORE_AMBIGUOUS` for a
   * write.
   */
  protected _failure(error: unknown, kind: OperationKind): StoreError | undefined {
    return failureOf(error, kind);
  }

  /** The present time by the store's clock, in whole Unix milliseconds. */
  protected now(): number {
    const now = this.#clock();
    if (Number.isSafeInteger(now) && now >= 0) return now;
    assertInstant(Math.floor(now), 'What now() returns');
    return Math.floor(now);
  }

  /**
   * Runs an operation that the contract does not have, such as the making of a table: on an open store, and within the
   * deadline.
   */
  protected within<T>(kind: OperationKind, operation: (deadline: Deadline) => Awaitable<T>): Promise<T> {
    return this.#run(this.#deadline(kind), operation);
  }

  load(id: string, options: LoadOptions = asUsual): Promise<SessionRecord | null> {
    return this.#run(
      this.#deadline('read'),
      (deadline) => this._load(sessionId(id), deadline, options),
      this.#whereLive,
    );
  }

  create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
    let record: SessionRecord;
    return this.#run(
      this.#deadline('write'),
      (deadline) => {
        record = firstRecord(readDraft(draft, this.capabilities.maxDataBytes), this.now());
        return this._create(sessionId(id), record, deadline);
      },
      (isCreated) => (isCreated ? record : null),
    );
  }

  update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
    return this.#run(
      this.#deadline('write'),
      (deadline) =>
        this._update(sessionId(id), base, readChange(base, draft, this.capabilities.maxDataBytes), deadline),
      (result) => {
        if (result.status === 'conflict') Object.freeze(result.current);
        return result;
      },
    );
  }

  touch(id: string, expiresAt: number): Promise<boolean> {
    return this.#run(this.#deadline('write'), (deadline) => {
      assertInstant(expiresAt, 'expiresAt');
      return this._touch(sessionId(id), expiresAt, deadline);
    });
  }

  delete(id: string): Promise<boolean> {
    return this.#run(this.#deadline('write'), (deadline) => this._delete(sessionId(id), deadline));
  }

  async *entries(): AsyncGenerator<IdAndRecord> {
    for await (const page of this.#steps('read', (deadline) => this._entries?.(deadline))) {
      for (const [id, record] of page) {
        const live = this.#whereLive(record);
        if (live) yield [id, live];
      }
    }
  }

  async deleteExpired({ limit = Number.POSITIVE_INFINITY, signal }: SweepOptions = {}): Promise<number> {
    if (!(limit >= 0)) throw new TypeError('limit is a number of records, at least 0.');
    let deleted = 0;
    this.#assertOpen();
    if (limit === 0 || signal?.aborted) return deleted;
    for await (const more of this.#steps('write', (deadline) => this._deleteExpired?.(Math.floor(limit), deadline))) {
      deleted += more;
      if (deleted >= limit || signal?.aborted) break;
    }
    return deleted;
  }

  async bySubject(subject: string): Promise<readonly IdAndRecord[]> {
    assertSubject(subject);
    const found: IdAndRecord[] = [];
    for await (const page of this.#steps('read', (deadline) => this._bySubject?.(subject, deadline))) {
      for (const [id, record] of page) {
        const live = record.subject === subject && this.#whereLive(record);
        if (live) found.push([id, live]);
      }
    }
    return found;
  }

  loadOrLease(id: string): Promise<FrontResult> {
    return this.#run(
      this.#deadline('read'),
      (deadline) => (this._loadOrLease ?? unsupported).call(this, sessionId(id), deadline),
      (result) => {
        if (result.status === 'hit') Object.freeze(result.record);
        return result;
      },
    );
  }

  replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
    return this.#run(this.#deadline('write'), (deadline) => {
      if (typeof token !== 'string') throw new TypeError('A token is what loadOrLease() or replaceIf() gave.');
      const read = readRecord(record, this.capabilities.maxDataBytes);
      return (this._replaceIf ?? unsupported).call(this, sessionId(id), token, read, deadline);
    });
  }

  close(): Promise<void> {
    this.#closing ??= (async () => this._close())();
    return this.#closing;
  }

  #assertOpen(): void {
    if (this.#closing) throw new StoreError('STORE_CLOSED', 'The store was closed.');
  }

  #deadline(kind: OperationKind): Deadline {
    const { timeoutMs } = this.#deadlines;
    return timeoutMs < Number.POSITIVE_INFINITY ? new Deadline(kind, timeoutMs) : untimed[kind];
  }

  readonly #whereLive = (record: SessionRecord | null): SessionRecord | null =>
    record && record.expiresAt > this.now() ? Object.freeze(record) : null;

  /** Runs one call within its deadline. A subclass that answers at once needs neither a timer nor a second promise. */
  #run<T, R = T>(
    deadline: Deadline,
    call: (deadline: Deadline) => Awaitable<T>,
    finish: (value: T) => R = asItIs,
  ): Promise<R> {
    try {
      this.#assertOpen();
      const result = call(deadline);
      if (!isPromiseLike(result)) return Promise.resolve(finish(result));
      return this.#deadlines.within(deadline, result, finish, (error) => this.#told(error, deadline));
    } catch (error) {
      return Promise.reject(this.#told(error, deadline));
    }
  }

  #told(error: unknown, { kind }: Deadline): unknown {
    return isStoreError(error) ? error : (this._failure(error, kind) ?? error);
  }

  /** The steps of a listing or a sweep, each within the deadline. */
  async *#steps<T>(
    kind: OperationKind,
    start: (deadline: Deadline) => AsyncIterable<T> | undefined,
  ): AsyncGenerator<T> {
    const deadline = this.#deadline(kind);
    this.#assertOpen();
    const steps = (start(deadline) ?? unsupported())[Symbol.asyncIterator]();
    try {
      for (;;) {
        deadline.begin();
        const step = await this.#run(deadline, () => steps.next());
        if (step.done) return;
        yield step.value;
      }
    } finally {
      const left = steps.return?.();
      // A step that hangs holds up nobody who has left.
      if (deadline.isPast) left?.catch(() => {});
      else await left;
    }
  }
}

const asUsual: LoadOptions = Object.freeze({});

const untimed: Readonly<Record<OperationKind, Deadline>> = {
  read: new Deadline('read', Number.POSITIVE_INFINITY),
  write: new Deadline('write', Number.POSITIVE_INFINITY),
};

function sessionId(id: string): string {
  assertSessionId(id);
  return id;
}

function unsupported(): never {
  throw new StoreError('STORE_UNSUPPORTED', 'This store does not have the facet. Its capabilities say which it has.');
}

function isPromiseLike<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
