import {
  assertSessionId,
  type FrontResult,
  type FrontStore,
  type IterableStore,
  isStoreError,
  type LoadOptions,
  requireFacet,
  type SessionDraft,
  type SessionRecord,
  type SessionStore,
  type StoreCapabilities,
  StoreError,
  type SubjectStore,
  type SweepableStore,
  type SweepOptions,
  type UpdateResult,
} from '@stet/core';
import { CircuitBreaker } from './circuit-breaker.ts';
import { DeleteUnconfirmedError } from './delete-unconfirmed-error.ts';
import { publish } from './events.ts';
import { Invalidations } from './invalidations.ts';

export interface TieredStoreOptions {
  /** Answers most loads: any store whose capabilities say `leasable`. It may lose entries at any time. */
  readonly front: FrontStore;
  /** The store of record, which decides every write. */
  readonly back: SessionStore;
  /**
   * How long an older state may be read where a process died between writing to the back and telling the front, or where the
   * front could not be told, in milliseconds. Default 30,000.
   */
  readonly maxStalenessMs?: number;
  /** The clock, in Unix milliseconds; that of the front has to agree with it. Default `Date.now`. */
  readonly now?: () => number;
}

/** The part of `maxStalenessMs` that may pass between the read of a record and its way into the front. */
const fillShare = 0.2;

/**
 * A cache in front of a store of record. One rule keeps the front coherent: every change of an entry is either an unconditional
 * delete, or a replacement that is conditional on a token taken from the front before the back was read or written.
 *
 * Its two stores belong to whoever made them, and stay open when it is closed.
 */
export class TieredStore implements IterableStore, SweepableStore, SubjectStore {
  readonly capabilities: StoreCapabilities;
  readonly #front: FrontStore;
  readonly #back: SessionStore;
  readonly #maxStalenessMs: number;
  readonly #now: () => number;
  readonly #breaker: CircuitBreaker;
  readonly #invalidations: Invalidations;
  /** The token of the front's entry from which, or into which, a record came. */
  readonly #tokens = new WeakMap<SessionRecord, string>();
  #isClosed = false;

  constructor({ front, back, maxStalenessMs = 30_000, now = Date.now }: TieredStoreOptions) {
    if (!front.capabilities.leasable)
      throw new TypeError('A front is a store whose capabilities say leasable: true, such as MemoryStore.');
    if (!Number.isSafeInteger(maxStalenessMs) || maxStalenessMs < 1)
      throw new TypeError(`maxStalenessMs is a whole number above 0, not ${maxStalenessMs}.`);
    this.#front = front;
    this.#back = back;
    this.#maxStalenessMs = maxStalenessMs;
    this.#now = now;
    this.#breaker = new CircuitBreaker(now);
    this.#invalidations = new Invalidations(async (id) => {
      await this.#breaker.run(() => this.#front.delete(id));
    }, now);
    this.capabilities = Object.freeze({
      ...back.capabilities,
      shared: front.capabilities.shared && back.capabilities.shared,
      leasable: false,
      expiryGranularityMs: Math.max(front.capabilities.expiryGranularityMs, back.capabilities.expiryGranularityMs),
    });
  }

  async load(id: string, { fresh = false }: LoadOptions = {}): Promise<SessionRecord | null> {
    this.#begin(id);
    if (fresh || this.#invalidations.has(id)) return this.#back.load(id);
    const found = await this.#lookUp(id);
    if (found?.status === 'hit' && this.#isYoung(found.storedAt)) {
      publish('hit', { id });
      this.#tokens.set(found.record, found.token);
      return found.record;
    }
    publish(found?.status === 'busy' ? 'busy' : 'miss', { id });
    if (!found || found.status === 'busy') return this.#back.load(id);
    return this.#loadAndFill(id, found.token);
  }

  /** In the back alone: the first load brings the record to the front. */
  async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
    this.#begin(id);
    return this.#back.create(id, draft);
  }

  async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
    this.#begin(id);
    const token = this.#tokens.get(base);
    const since = this.#now();
    const result = await this.#write(id, () => this.#back.update(id, base, draft));
    if (result.status === 'gone') {
      await this.#invalidate(id);
      return result;
    }
    const latest = result.status === 'updated' ? result.record : result.current;
    const isReplaced = token !== undefined && (await this.#replace(id, token, latest, since));
    if (isReplaced && result.status === 'conflict') publish('stale-entry-repaired', { id });
    if (!isReplaced) await this.#invalidate(id);
    return result;
  }

  /** A touch of the front's entry could make an old one look fresh, so the entry goes, and the next load fills it. */
  async touch(id: string, expiresAt: number): Promise<boolean> {
    this.#begin(id);
    const isLive = await this.#write(id, () => this.#back.touch(id, expiresAt));
    await this.#invalidate(id);
    return isLive;
  }

  /** Rejects with a {@link DeleteUnconfirmedError} where the record is gone from the back and the front could not be told. */
  async delete(id: string): Promise<boolean> {
    this.#begin(id);
    const wasLive = await this.#write(id, () => this.#back.delete(id));
    const unconfirmed = await this.#invalidate(id);
    if (unconfirmed) throw new DeleteUnconfirmedError(unconfirmed.until, { cause: unconfirmed.cause });
    return wasLive;
  }

  async *entries(): AsyncGenerator<readonly [id: string, record: SessionRecord]> {
    this.#assertOpen();
    yield* requireFacet(this.#back, 'iterable').entries();
  }

  async deleteExpired(options?: SweepOptions): Promise<number> {
    this.#assertOpen();
    return requireFacet(this.#back, 'sweepable').deleteExpired(options);
  }

  async bySubject(subject: string): Promise<ReadonlyArray<readonly [id: string, record: SessionRecord]>> {
    this.#assertOpen();
    return requireFacet(this.#back, 'bySubject').bySubject(subject);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#invalidations.close();
  }

  #begin(id: string): void {
    this.#assertOpen();
    assertSessionId(id);
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new StoreError('STORE_CLOSED', 'The store was closed.');
  }

  /** What the front has, or `null` where it cannot be asked. */
  async #lookUp(id: string): Promise<FrontResult | null> {
    try {
      return await this.#breaker.run(() => this.#front.loadOrLease(id));
    } catch (error) {
      publish('front-unreachable', { id, error });
      // A cache has nothing to preserve for inspection.
      if (isStoreError(error) && error.code === 'STORE_CORRUPT_RECORD') await this.#invalidate(id);
      return null;
    }
  }

  /** An entry of the future has a clock that cannot be gone by. */
  #isYoung(storedAt: number): boolean {
    const ageMs = this.#now() - storedAt;
    return ageMs >= 0 && ageMs < this.#maxStalenessMs * (1 - fillShare);
  }

  /** Reads the back while holding a token of the front: of a lease, or of an entry that has become too old. */
  async #loadAndFill(id: string, token: string): Promise<SessionRecord | null> {
    const since = this.#now();
    const record = await this.#back.load(id);
    if (record) await this.#replace(id, token, record, since);
    else await this.#invalidate(id);
    return record;
  }

  /** Writes to the back. Where nobody can tell whether it did, the front is better empty. */
  async #write<T>(id: string, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (isStoreError(error) && error.code === 'STORE_AMBIGUOUS') await this.#invalidate(id);
      throw error;
    }
  }

  /**
   * Puts a record in place of what the token stands for. `false`: it may not be there. `since`: the time before the back was asked
   * for the record; one that took long is not put there, because its age in the front would be counted from now.
   */
  async #replace(id: string, token: string, record: SessionRecord, since: number): Promise<boolean> {
    const isLate = this.#now() - since >= this.#maxStalenessMs * fillShare;
    if (isLate || Buffer.byteLength(record.data) > this.#front.capabilities.maxDataBytes) return false;
    try {
      const next = await this.#breaker.run(() => this.#front.replaceIf(id, token, record));
      if (next === null) return false;
      this.#tokens.set(record, next);
      return true;
    } catch (error) {
      publish('front-unreachable', { id, error });
      return false;
    }
  }

  /** Removes the front's entry. Where that is not confirmed it goes on in the background, and this says until when the entry may be served. */
  async #invalidate(id: string): Promise<{ readonly until: number; readonly cause: unknown } | undefined> {
    try {
      await this.#breaker.run(() => this.#front.delete(id));
      return undefined;
    } catch (cause) {
      const until = this.#now() + this.#maxStalenessMs;
      this.#invalidations.add(id, until);
      publish('front-unreachable', { id, error: cause });
      publish('invalidation-unconfirmed', { id, mayBeServedUntil: until });
      return { until, cause };
    }
  }
}
