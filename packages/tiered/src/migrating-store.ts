import {
  assertDraft,
  assertSessionId,
  assertSubject,
  type FrontStore,
  type IterableStore,
  type LoadOptions,
  requireFacet,
  type SessionDraft,
  type SessionRecord,
  type StoreCapabilities,
  StoreError,
  type SubjectStore,
  type SweepableStore,
  type SweepOptions,
  type UpdateResult,
} from '@stet/core';
import { publish } from './events.ts';
import type { MigrationSource } from './migration-source.ts';

export interface MigratingStoreOptions {
  /** Where the sessions are now. It is read and emptied; nothing else may write to it any more. */
  readonly from: MigrationSource;
  /** Where they go: any store whose capabilities say `leasable`. It is the store of record for whatever it holds. */
  readonly to: FrontStore;
  /** How long a write waits for somebody else to finish moving the same session, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  /** The clock, in Unix milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** What came of bringing a session over: the record that `to` has by now, none, or somebody else is about it. */
type Arrival = SessionRecord | null | 'busy';

const longestPauseMs = 100;

/**
 * Moves sessions from one store to another while they are in use: each on its first use, with its revision, creation time,
 * expiry and subject. A mover holds a lease in `to` while it reads `from`, and any delete cancels that lease, so that of
 * several movers one brings the session over and none brings back one that has ended.
 *
 * Its two stores belong to whoever made them, and stay open when it is closed.
 */
export class MigratingStore implements IterableStore, SweepableStore, SubjectStore {
  readonly capabilities: StoreCapabilities;
  readonly #from: MigrationSource;
  readonly #to: FrontStore;
  readonly #timeoutMs: number;
  readonly #now: () => number;
  #isClosed = false;

  constructor({ from, to, timeoutMs = 5_000, now = Date.now }: MigratingStoreOptions) {
    if (!to.capabilities.leasable)
      throw new TypeError('Sessions move to a store whose capabilities say leasable: true, such as KnexStore.');
    if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1)
      throw new TypeError(`timeoutMs is a whole number above 0, not ${timeoutMs}.`);
    this.#from = from;
    this.#to = to;
    this.#timeoutMs = timeoutMs;
    this.#now = now;
    const { durable = true, shared = true, iterable = true, expiryGranularityMs = 1 } = from.capabilities ?? {};
    const isListed = iterable && typeof from.entries === 'function';
    this.capabilities = Object.freeze({
      ...to.capabilities,
      durable: to.capabilities.durable && durable,
      shared: to.capabilities.shared && shared,
      iterable: to.capabilities.iterable && isListed,
      bySubject: to.capabilities.bySubject && isListed,
      leasable: false,
      expiryGranularityMs: Math.max(to.capabilities.expiryGranularityMs, expiryGranularityMs),
    });
  }

  async load(id: string, options?: LoadOptions): Promise<SessionRecord | null> {
    this.#begin(id);
    const here = await this.#to.load(id, options);
    if (here) return here;
    const there = await this.#from.load(id);
    // It may have arrived between the two.
    if (!there) return this.#to.load(id, options);
    const arrival = await this.#bring(id);
    return arrival === 'busy' ? there : arrival;
  }

  async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
    this.#begin(id);
    assertDraft(draft, this.capabilities.maxDataBytes);
    if (await this.#from.load(id)) return null;
    return this.#to.create(id, draft);
  }

  async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
    this.#begin(id);
    assertDraft(draft, this.capabilities.maxDataBytes);
    const endsSooner = draft.expiresAt < base.expiresAt;
    return this.#onceArrived(id, async () => {
      // A copy that an interrupted move left behind must not outlive the session.
      if (endsSooner) {
        if (!(await this.#to.load(id))) return { result: { status: 'gone' }, isGone: true };
        await this.#from.delete(id);
      }
      const result = await this.#to.update(id, base, draft);
      return { result, isGone: result.status === 'gone' };
    });
  }

  async touch(id: string, expiresAt: number): Promise<boolean> {
    this.#begin(id);
    return this.#onceArrived(id, async () => {
      const isLive = await this.#to.touch(id, expiresAt);
      return { result: isLive, isGone: !isLive };
    });
  }

  /** From both: first where it came from, so that whoever reads it there afterwards finds the lease cancelled. */
  async delete(id: string): Promise<boolean> {
    this.#begin(id);
    const wasThere = await this.#from.delete(id);
    const wasHere = await this.#to.delete(id);
    return wasHere || wasThere;
  }

  /** First those that have not moved, then the others, so that one that moves meanwhile is not missed. */
  async *entries(): AsyncGenerator<readonly [id: string, record: SessionRecord]> {
    this.#assertOpen();
    const seen = new Set<string>();
    for await (const entry of this.#waiting()) {
      seen.add(entry[0]);
      yield entry;
    }
    for await (const entry of requireFacet(this.#to, 'iterable').entries()) {
      if (!seen.has(entry[0])) yield entry;
    }
  }

  /** In both stores, as far as they need it. `STORE_UNSUPPORTED` where `to` removes expired records by itself. */
  async deleteExpired({ limit = Number.POSITIVE_INFINITY, signal }: SweepOptions = {}): Promise<number> {
    this.#assertOpen();
    const options = signal ? { limit, signal } : { limit };
    const deleted = await requireFacet(this.#to, 'sweepable').deleteExpired(options);
    if (deleted >= limit || signal?.aborted || !this.#from.capabilities?.sweepable) return deleted;
    return deleted + ((await this.#from.deleteExpired?.({ ...options, limit: limit - deleted })) ?? 0);
  }

  /** Reads all that have not moved yet: where they come from may have no index. */
  async bySubject(subject: string): Promise<ReadonlyArray<readonly [id: string, record: SessionRecord]>> {
    this.#assertOpen();
    assertSubject(subject);
    const found = new Map<string, SessionRecord>();
    for await (const [id, record] of this.#waiting()) {
      if (record.subject === subject) found.set(id, record);
    }
    for (const [id, record] of await requireFacet(this.#to, 'bySubject').bySubject(subject)) found.set(id, record);
    return Array.from(found);
  }

  /**
   * Moves every session that is still where it came from, one by one, and yields the id of each. It may be left and begun again at any time,
   * and run in several processes at once. When it has run to its end without an error, and no process uses `from` by itself, nothing is left there.
   */
  async *moveAll(): AsyncGenerator<string> {
    this.#assertOpen();
    for await (const [id] of this.#listed()) {
      const here = await this.#onceArrived(id, async () => {
        const record = await this.#to.load(id);
        return { result: record, isGone: record === null };
      });
      // Also what an interrupted move has left.
      if (here) await this.#from.delete(id);
      yield id;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #begin(id: string): void {
    this.#assertOpen();
    assertSessionId(id);
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new StoreError('STORE_CLOSED', 'The store was closed.');
  }

  /** Makes a call to `to`; where it finds nothing there, again as soon as the session has been brought over. */
  async #onceArrived<T>(id: string, call: () => Promise<{ result: T; isGone: boolean }>): Promise<T> {
    const deadline = this.#now() + this.#timeoutMs;
    for (let pauseMs = 5; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      const { result, isGone } = await call();
      if (!isGone) return result;
      const arrival = (await this.#from.load(id)) ? await this.#bring(id) : await this.#to.load(id);
      if (arrival === null) return result;
      if (this.#now() >= deadline) throw notArrived();
      if (arrival === 'busy') await pause(pauseMs);
    }
  }

  /** Moves a session that was seen in `from`. What was read before there was a lease may have ended since, so it is read again. */
  async #bring(id: string): Promise<Arrival> {
    const deadline = this.#now() + this.#timeoutMs;
    do {
      const found = await this.#to.loadOrLease(id);
      if (found.status === 'hit') return found.record;
      if (found.status === 'busy') return 'busy';
      const record = await this.#from.load(id);
      // Our lease may have run out, and somebody else have been faster.
      if (!record) return this.#to.load(id);
      if ((await this.#to.replaceIf(id, found.token, record)) !== null) {
        publish('moved', { id });
        await this.#leave(id);
        return record;
      }
    } while (this.#now() < deadline);
    throw notArrived();
  }

  /** The session has arrived; where its old copy cannot be removed now, the end of the session or {@link moveAll} does it. */
  async #leave(id: string): Promise<void> {
    try {
      await this.#from.delete(id);
    } catch (error) {
      publish('left-behind', { id, error });
    }
  }

  /** The sessions that `to` does not have. */
  async *#waiting(): AsyncGenerator<readonly [id: string, record: SessionRecord]> {
    for await (const entry of this.#listed()) {
      if (!(await this.#to.load(entry[0]))) yield entry;
    }
  }

  #listed(): AsyncIterable<readonly [id: string, record: SessionRecord]> {
    const { capabilities, entries } = this.#from;
    if (entries && capabilities?.iterable !== false) return entries.call(this.#from);
    throw new StoreError(
      'STORE_UNSUPPORTED',
      'The sessions to be moved cannot be listed; each moves on its first use.',
    );
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function notArrived(): StoreError {
  return new StoreError('STORE_UNAVAILABLE', 'Somebody else is moving the session, or died on it. Try again soon.');
}
