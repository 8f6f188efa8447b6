import {
  assertDraft,
  assertSessionId,
  assertSubject,
  assertWholeNumbers,
  type Deadline,
  Deadlines,
  type FrontStore,
  type IdAndRecord,
  type IterableStore,
  type LoadOptions,
  type OperationKind,
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
import { Arrivals } from './arrivals.ts';
import type { MigrationSource } from './migration-source.ts';
import { StackedStore } from './stacked-store.ts';

export interface MigratingStoreOptions {
  /** Where the sessions are now. It is read and emptied; nothing else may write to it any more. */
  readonly from: MigrationSource;
  /** Where they go: any store whose capabilities say `leasable`. It is the store of record for whatever it holds. */
  readonly to: FrontStore;
  /**
   * How long a call may take, in milliseconds; of a listing or a sweep, what the two stores allow for each step.
   * Default 10,000.
   */
  readonly timeoutMs?: number;
}

/**
 * Moves sessions from one store to another while they are in use: each on its first use, with its revision, creation
 * time, expiry and subject.
 *
 * Its two stores belong to whoever made them, and stay open when it is closed.
 */
export class MigratingStore extends StackedStore implements IterableStore, SweepableStore, SubjectStore {
  readonly capabilities: StoreCapabilities;
  readonly #from: MigrationSource;
  readonly #to: FrontStore;
  readonly #arrivals: Arrivals;
  readonly #deadlines: Deadlines;

  constructor({ from, to, timeoutMs = 10_000 }: MigratingStoreOptions) {
    super();
    if (!to.capabilities.leasable)
      throw new TypeError('Sessions move to a store whose capabilities say leasable: true, such as KnexStore.');
    assertWholeNumbers({ timeoutMs });
    this.#from = from;
    this.#to = to;
    this.#arrivals = new Arrivals(from, to);
    this.#deadlines = new Deadlines(timeoutMs);
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
    return this.#run('read', async (deadline) => {
      const here = await this.#to.load(id, options);
      if (here) return here;
      const there = await this.#from.load(id);
      // It may have arrived between the two.
      if (!there) return this.#to.load(id, options);
      const arrival = await this.#arrivals.bring(id, deadline);
      return arrival === 'busy' ? there : arrival;
    });
  }

  async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
    return this.#run('write', async (deadline) => {
      assertSessionId(id);
      assertDraft(draft, this.capabilities.maxDataBytes);
      if (await this.#from.load(id)) return null;
      deadline.assertAhead();
      return this.#to.create(id, draft);
    });
  }

  async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
    return this.#run('write', (deadline) => {
      assertDraft(draft, this.capabilities.maxDataBytes);
      const endsSooner = draft.expiresAt < base.expiresAt;
      return this.#arrivals.once<UpdateResult>(id, deadline, async () => {
        // A copy that an interrupted move left behind must not outlive the session.
        if (endsSooner) {
          if (!(await this.#to.load(id))) return { result: { status: 'gone' }, isGone: true };
          deadline.assertAhead();
          await this.#from.delete(id);
          deadline.assertAhead();
        }
        const result = await this.#to.update(id, base, draft);
        return { result, isGone: result.status === 'gone' };
      });
    });
  }

  async touch(id: string, expiresAt: number): Promise<boolean> {
    return this.#run('write', (deadline) =>
      this.#arrivals.once(id, deadline, async () => {
        const isLive = await this.#to.touch(id, expiresAt);
        return { result: isLive, isGone: !isLive };
      }),
    );
  }

  /** From both: first where it came from, so that whoever reads it there afterwards finds the lease cancelled. */
  async delete(id: string): Promise<boolean> {
    return this.#run('write', async (deadline) => {
      assertSessionId(id);
      const isSettled = await this.#arrivals.settles(id, deadline);
      deadline.assertAhead();
      const wasThere = await this.#from.delete(id);
      deadline.assertAhead();
      const wasHere = await this.#to.delete(id);
      return wasHere || (wasThere && !isSettled);
    });
  }

  /** First those that have not moved, then the others, so that one that moves meanwhile is not missed. */
  async *entries(): AsyncGenerator<IdAndRecord> {
    this.assertOpen();
    const seen = new Set<string>();
    for await (const entry of this.#listed()) {
      if (await this.#to.load(entry[0])) continue;
      seen.add(entry[0]);
      yield entry;
    }
    for await (const entry of requireFacet(this.#to, 'iterable').entries()) {
      if (!seen.has(entry[0])) yield entry;
    }
  }

  /** In both stores, as far as they need it. `STORE_UNSUPPORTED` where `to` removes expired records by itself. */
  async deleteExpired({ limit = Number.POSITIVE_INFINITY, signal }: SweepOptions = {}): Promise<number> {
    this.assertOpen();
    const options = signal ? { limit, signal } : { limit };
    const deleted = await requireFacet(this.#to, 'sweepable').deleteExpired(options);
    if (deleted >= limit || signal?.aborted || !this.#from.capabilities?.sweepable) return deleted;
    return deleted + ((await this.#from.deleteExpired?.({ ...options, limit: limit - deleted })) ?? 0);
  }

  /**
   * Where they come from may have no index: then it reads all that have not moved yet, and keeps those of the subject.
   */
  async bySubject(subject: string): Promise<readonly IdAndRecord[]> {
    this.assertOpen();
    assertSubject(subject);
    const found = new Map<string, SessionRecord>();
    for await (const [id, record] of await this.#leftOf(subject)) {
      if (record.subject === subject && !(await this.#to.load(id))) found.set(id, record);
    }
    for (const [id, record] of await requireFacet(this.#to, 'bySubject').bySubject(subject)) found.set(id, record);
    return Array.from(found);
  }

  /**
   * Moves every session that is still where it came from, one by one, and yields the id of each. It may be left and
   * begun again at any time, and run in several processes at once. When it has run to its end without an error, and no
   * process uses `from` by itself, nothing is left there.
   */
  async *moveAll(): AsyncGenerator<string> {
    this.assertOpen();
    for await (const [id] of this.#listed()) {
      await this.#run('write', (deadline) => this.#finish(id, deadline));
      yield id;
    }
  }

  async #finish(id: string, deadline: Deadline): Promise<void> {
    const here = await this.#arrivals.once(id, deadline, async () => {
      const record = await this.#to.load(id);
      return { result: record, isGone: record === null };
    });
    // Also what an interrupted move has left.
    if (here) await this.#from.delete(id);
  }

  async #run<T>(kind: OperationKind, call: (deadline: Deadline) => Promise<T>): Promise<T> {
    this.assertOpen();
    return this.#deadlines.run(kind, call);
  }

  async #leftOf(subject: string): Promise<AsyncIterable<IdAndRecord> | readonly IdAndRecord[]> {
    const { capabilities, bySubject } = this.#from;
    return bySubject && capabilities?.bySubject ? bySubject.call(this.#from, subject) : this.#listed();
  }

  #listed(): AsyncIterable<IdAndRecord> {
    const { capabilities, entries } = this.#from;
    if (entries && capabilities?.iterable !== false) return entries.call(this.#from);
    throw new StoreError(
      'STORE_UNSUPPORTED',
      'The sessions to be moved cannot be listed; each moves on its first use.',
    );
  }
}
