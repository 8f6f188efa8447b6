import { randomUUID } from 'node:crypto';
import { setImmediate as othersHadTheirTurn } from 'node:timers/promises';
import { recordAfter, recordOf, type SessionChange } from '../contract/session-record.ts';
import type { FrontResult, SessionRecord, UpdateResult } from '../contract/session-store.ts';
import { AbstractStore, type IdAndRecord } from './abstract-store.ts';
import { BoundedEntries } from './bounded-entries.ts';
import { assertWholeNumbers } from './store-settings.ts';

export interface MemoryStoreOptions {
  /** The most entries kept; beyond it the least recently used one is evicted. Default 100,000. */
  readonly maxRecords?: number;
  /**
   * The most UTF-8 bytes of data in all records; beyond it the least recently used ones are evicted. Default 256 MiB.
   */
  readonly maxBytes?: number;
  /** The most UTF-8 bytes of data in one record. Default 1 MiB. */
  readonly maxDataBytes?: number;
  /** How long the lease of a missing entry may be held, in milliseconds. Default 5,000. */
  readonly leaseMs?: number;
  /** The clock, in Unix milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

interface RecordEntry {
  readonly kind: 'record';
  /** Drawn when somebody first asks for it: only a front's entries need one. */
  token?: string;
  readonly storedAt: number;
  readonly record: SessionRecord;
}

interface LeaseEntry {
  readonly kind: 'lease';
  readonly token: string;
  readonly endsAt: number;
}

const entriesPerStep = 1_000;

/**
 * Keeps sessions in the memory of one process: the reference of the contract, and a good front. It is bounded, so it
 * evicts, and it forgets everything when the process ends (`durable: false`, `shared: false`).
 */
export class MemoryStore extends AbstractStore {
  readonly #entries: BoundedEntries<RecordEntry | LeaseEntry>;
  readonly #leaseMs: number;

  constructor({
    maxRecords = 100_000,
    maxBytes = 268_435_456,
    maxDataBytes = 1_048_576,
    leaseMs = 5_000,
    now,
  }: MemoryStoreOptions = {}) {
    super({ durable: false, shared: false, maxDataBytes, now });
    assertWholeNumbers({ maxRecords, maxBytes, leaseMs });
    if (maxBytes < maxDataBytes)
      throw new TypeError('maxBytes is at least maxDataBytes, so that each record has room.');
    this.#entries = new BoundedEntries({ maxEntries: maxRecords, maxBytes });
    this.#leaseMs = leaseMs;
  }

  protected override _load(id: string): SessionRecord | null {
    const entry = this.#entries.use(id);
    return entry?.kind === 'record' ? entry.record : null;
  }

  protected override _create(id: string, record: SessionRecord): boolean {
    if (this.#live(id)) return false;
    this.#put(id, record);
    return true;
  }

  protected override _update(id: string, base: SessionRecord, change: SessionChange): UpdateResult {
    const current = this.#live(id)?.record;
    if (!current) return { status: 'gone' };
    if (current.revision !== base.revision) return { status: 'conflict', current };
    const record = recordAfter(current, change);
    this.#put(id, record);
    return { status: 'updated', record };
  }

  protected override _touch(id: string, expiresAt: number): boolean {
    const current = this.#live(id)?.record;
    if (!current) return false;
    if (expiresAt > current.expiresAt) {
      this.#put(id, recordOf({ ...current, expiresAt }, current.revision, current.createdAt));
    }
    return true;
  }

  protected override _delete(id: string): boolean {
    const wasLive = this.#live(id) !== undefined;
    this.#entries.delete(id);
    return wasLive;
  }

  protected override async *_entries(): AsyncGenerator<IdAndRecord[]> {
    yield* this.#pages(Array.from(this.#entries.ids()));
  }

  protected override async *_bySubject(subject: string): AsyncGenerator<IdAndRecord[]> {
    yield* this.#pages(this.#entries.idsOf(subject));
  }

  protected override async *_deleteExpired(limit: number): AsyncGenerator<number> {
    let left = limit;
    for await (const ids of inSteps(Array.from(this.#entries.ids()))) {
      const expired = ids.filter((id) => this.#isExpired(id)).slice(0, left);
      for (const id of expired) this.#entries.delete(id);
      left -= expired.length;
      yield expired.length;
    }
  }

  protected override _loadOrLease(id: string): FrontResult {
    const hit = this.#live(id);
    if (hit) {
      hit.token ??= randomUUID();
      return { status: 'hit', record: hit.record, token: hit.token, storedAt: hit.storedAt };
    }
    const held = this.#entries.get(id);
    if (held?.kind === 'lease' && held.endsAt > this.now()) return { status: 'busy' };
    const token = randomUUID();
    this.#entries.set(id, { kind: 'lease', token, endsAt: this.now() + this.#leaseMs }, 0);
    return { status: 'leased', token };
  }

  protected override _replaceIf(id: string, token: string, record: SessionRecord): string | null {
    if (!this.#tokenStands(id, token)) return null;
    const next = randomUUID();
    this.#put(id, record).token = next;
    return next;
  }

  protected override _close(): void {
    this.#entries.clear();
  }

  /** The entry of a live record, which counts as used. */
  #live(id: string): RecordEntry | undefined {
    const entry = this.#entries.use(id);
    return entry?.kind === 'record' && entry.record.expiresAt > this.now() ? entry : undefined;
  }

  #isExpired(id: string): boolean {
    const entry = this.#entries.get(id);
    return entry?.kind === 'record' && entry.record.expiresAt <= this.now();
  }

  #tokenStands(id: string, token: string): boolean {
    const entry = this.#entries.get(id);
    if (entry?.token !== token) return false;
    return (entry.kind === 'record' ? entry.record.expiresAt : entry.endsAt) > this.now();
  }

  #put(id: string, record: SessionRecord): RecordEntry {
    const entry: RecordEntry = { kind: 'record', storedAt: this.now(), record };
    this.#entries.set(id, entry, Buffer.byteLength(record.data), record.subject);
    return entry;
  }

  /** The records of the ids that still have one. */
  async *#pages(ids: readonly string[]): AsyncGenerator<IdAndRecord[]> {
    for await (const some of inSteps(ids)) {
      yield some.flatMap((id) => {
        const entry = this.#entries.get(id);
        return entry?.kind === 'record' ? [[id, entry.record] as const] : [];
      });
    }
  }
}

/** Some ids at a time, so that a long list does not hold up the other calls of the process. */
async function* inSteps(ids: readonly string[]): AsyncGenerator<readonly string[]> {
  for (let at = 0; at < ids.length; at += entriesPerStep) {
    if (at > 0) await othersHadTheirTurn();
    yield ids.slice(at, at + entriesPerStep);
  }
}
