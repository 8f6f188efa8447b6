import {
  assertWholeNumbers,
  Deadlines,
  type FrontStore,
  type IdAndRecord,
  type IterableStore,
  isStoreError,
  type LoadOptions,
  type OperationKind,
  requireFacet,
  type SessionDraft,
  type SessionRecord,
  type SessionStore,
  type StoreCapabilities,
  type SubjectStore,
  type SweepableStore,
  type SweepOptions,
  type UpdateResult,
} from '@stet/core';
import { DeleteUnconfirmedError } from './delete-unconfirmed-error.ts';
import { publish } from './events.ts';
import { Front } from './front.ts';
import { StackedStore } from './stacked-store.ts';

export interface TieredStoreOptions {
  /** Answers most loads: any store whose capabilities say `leasable`. It may lose entries at any time. */
  readonly front: FrontStore;
  /** The store of record, which decides every write. */
  readonly back: SessionStore;
  /**
   * How long an older state may be read where a process died between writing to the back and telling the front, or
   * where the front could not be told, in milliseconds. Default 30,000.
   */
  readonly maxStalenessMs?: number;
  /**
   * How long a call may take, in milliseconds: a fifth of it for each of at most two calls to the front, the rest for
   * the back. Default 10,000. The back's own `timeoutMs` is better not longer than its share, because its error can
   * tell what was not even sent.
   */
  readonly timeoutMs?: number;
  /** The clock, in Unix milliseconds; that of the front has to agree with it. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * A cache in front of a store of record. One rule keeps the front coherent: every change of an entry is either an
 * unconditional delete, or a replacement that is conditional on a token taken from the front before the back was read
 * or written.
 *
 * Its two stores belong to whoever made them, and stay open when it is closed.
 */
export class TieredStore extends StackedStore implements IterableStore, SweepableStore, SubjectStore {
  readonly capabilities: StoreCapabilities;
  readonly #front: Front;
  readonly #back: SessionStore;
  readonly #deadlines: Deadlines;
  readonly #now: () => number;

  constructor({ front, back, maxStalenessMs = 30_000, timeoutMs = 10_000, now = Date.now }: TieredStoreOptions) {
    super();
    if (!front.capabilities.leasable)
      throw new TypeError('A front is a store whose capabilities say leasable: true, such as MemoryStore.');
    assertWholeNumbers({ maxStalenessMs, timeoutMs });
    const frontMs = Math.max(1, Math.floor(timeoutMs / 5));
    this.#front = new Front(front, { maxStalenessMs, timeoutMs: frontMs, now });
    this.#back = back;
    this.#deadlines = new Deadlines(Math.max(1, timeoutMs - 2 * frontMs));
    this.#now = now;
    this.capabilities = Object.freeze({
      ...back.capabilities,
      shared: front.capabilities.shared && back.capabilities.shared,
      leasable: false,
      expiryGranularityMs: Math.max(front.capabilities.expiryGranularityMs, back.capabilities.expiryGranularityMs),
    });
  }

  async load(id: string, { fresh = false }: LoadOptions = {}): Promise<SessionRecord | null> {
    this.assertOpen();
    const { record: hit, token } = fresh ? {} : await this.#front.lookUp(id);
    if (hit) return hit;
    const since = this.#now();
    const record = await this.#ask('read', () => this.#back.load(id));
    if (token === undefined) return record;
    if (record) await this.#front.replace(id, token, record, since);
    else await this.#front.remove(id);
    return record;
  }

  /** In the back alone: the first load brings the record to the front. */
  async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
    this.assertOpen();
    return this.#ask('write', () => this.#back.create(id, draft));
  }

  async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
    this.assertOpen();
    const token = this.#front.tokenOf(base);
    const since = this.#now();
    const result = await this.#write(id, () => this.#back.update(id, base, draft));
    if (result.status === 'gone') {
      await this.#front.remove(id);
      return result;
    }
    const latest = result.status === 'updated' ? result.record : result.current;
    const isReplaced = token !== undefined && (await this.#front.replace(id, token, latest, since));
    if (isReplaced && result.status === 'conflict') publish('stale-entry-repaired', { id });
    if (!isReplaced) await this.#front.remove(id);
    return result;
  }

  /** A touch of the front's entry could make an old one look fresh, so the entry goes, and the next load fills it. */
  async touch(id: string, expiresAt: number): Promise<boolean> {
    this.assertOpen();
    const isLive = await this.#write(id, () => this.#back.touch(id, expiresAt));
    await this.#front.remove(id);
    return isLive;
  }

  /**
   * Rejects with a {@link DeleteUnconfirmedError} where the record is gone from the back and the front could not be
   * told.
   */
  async delete(id: string): Promise<boolean> {
    this.assertOpen();
    const wasLive = await this.#write(id, () => this.#back.delete(id));
    const unconfirmed = await this.#front.remove(id);
    if (unconfirmed) throw new DeleteUnconfirmedError(unconfirmed.until, { cause: unconfirmed.cause });
    return wasLive;
  }

  async *entries(): AsyncGenerator<IdAndRecord> {
    this.assertOpen();
    yield* requireFacet(this.#back, 'iterable').entries();
  }

  async deleteExpired(options?: SweepOptions): Promise<number> {
    this.assertOpen();
    return requireFacet(this.#back, 'sweepable').deleteExpired(options);
  }

  async bySubject(subject: string): Promise<readonly IdAndRecord[]> {
    this.assertOpen();
    return requireFacet(this.#back, 'bySubject').bySubject(subject);
  }

  override async close(): Promise<void> {
    await super.close();
    this.#front.close();
  }

  #ask<T>(kind: OperationKind, call: () => Promise<T>): Promise<T> {
    return this.#deadlines.run(kind, call);
  }

  /** Writes to the back. Where nobody can tell whether it did, the front is better empty. */
  async #write<T>(id: string, write: () => Promise<T>): Promise<T> {
    try {
      return await this.#ask('write', write);
    } catch (error) {
      if (isStoreError(error) && error.code === 'STORE_AMBIGUOUS') await this.#front.remove(id);
      throw error;
    }
  }
}
