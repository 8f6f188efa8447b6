import { randomUUID } from 'node:crypto';
import { assertDraft, assertInstant, assertSubject } from '../contract/session-draft.ts';
import { assertSessionId } from '../contract/session-id.ts';
import type {
  FrontResult,
  FrontStore,
  IterableStore,
  SessionDraft,
  SessionRecord,
  StoreCapabilities,
  SubjectStore,
  SweepableStore,
  SweepOptions,
  UpdateResult,
} from '../contract/session-store.ts';
import { StoreError } from '../contract/store-error.ts';

export interface MemoryStoreOptions {
  /** The most entries kept; beyond it the least recently used one is evicted. Default 100,000. */
  readonly maxRecords?: number;
  /** The most UTF-8 bytes of data in one record. Default 1 MiB. */
  readonly maxDataBytes?: number;
  /** How long the lease of a missing entry may be held, in milliseconds. Default 5,000. */
  readonly leaseMs?: number;
  /** The clock, in Unix milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

type Entry =
  | { readonly kind: 'record'; readonly token: string; readonly storedAt: number; readonly record: SessionRecord }
  | { readonly kind: 'lease'; readonly token: string; readonly endsAt: number };

/**
 * Keeps sessions in the memory of one process: the reference of the contract, and a good front. It is bounded, so it
 * evicts, and it forgets everything when the process ends (`durable: false`, `shared: false`).
 */
export class MemoryStore implements IterableStore, SweepableStore, SubjectStore, FrontStore {
  readonly capabilities: StoreCapabilities;
  /** In order of use, the least recently used first. */
  readonly #entries = new Map<string, Entry>();
  readonly #maxRecords: number;
  readonly #leaseMs: number;
  readonly #now: () => number;
  #closed = false;

  constructor({
    maxRecords = 100_000,
    maxDataBytes = 1_048_576,
    leaseMs = 5_000,
    now = Date.now,
  }: MemoryStoreOptions = {}) {
    for (const [name, value] of Object.entries({ maxRecords, maxDataBytes, leaseMs })) {
      if (!Number.isSafeInteger(value) || value < 1)
        throw new TypeError(`${name} is a whole number above 0, not ${value}.`);
    }
    this.#maxRecords = maxRecords;
    this.#leaseMs = leaseMs;
    this.#now = now;
    this.capabilities = Object.freeze({
      durable: false,
      shared: false,
      iterable: true,
      sweepable: true,
      bySubject: true,
      leasable: true,
      expiryGranularityMs: 1,
      maxDataBytes,
    });
  }

  async load(id: string): Promise<SessionRecord | null> {
    this.#begin(id);
    return this.#live(id)?.record ?? null;
  }

  async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
    this.#begin(id);
    assertDraft(draft, this.capabilities.maxDataBytes);
    if (this.#live(id)) return null;
    return this.#put(id, recordOf(draft, 1, draft.createdAt ?? this.#now())).record;
  }

  async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
    this.#begin(id);
    assertDraft(draft, this.capabilities.maxDataBytes);
    const current = this.#live(id)?.record;
    if (!current) return { status: 'gone' };
    if (current.revision !== base.revision) return { status: 'conflict', current };
    const expiresAt = draft.expiresAt === base.expiresAt ? current.expiresAt : draft.expiresAt;
    const { record } = this.#put(id, recordOf({ ...draft, expiresAt }, current.revision + 1, current.createdAt));
    return { status: 'updated', record };
  }

  async touch(id: string, expiresAt: number): Promise<boolean> {
    this.#begin(id);
    assertInstant(expiresAt, 'expiresAt');
    const current = this.#live(id)?.record;
    if (!current) return false;
    if (expiresAt > current.expiresAt) this.#put(id, Object.freeze({ ...current, expiresAt }));
    return true;
  }

  async delete(id: string): Promise<boolean> {
    this.#begin(id);
    const wasLive = this.#live(id) !== undefined;
    this.#entries.delete(id);
    return wasLive;
  }

  async *entries(): AsyncGenerator<readonly [id: string, record: SessionRecord]> {
    this.#assertOpen();
    for (const id of Array.from(this.#entries.keys())) {
      const entry = this.#peek(id);
      if (entry) yield [id, entry.record];
    }
  }

  async deleteExpired({ limit = Number.POSITIVE_INFINITY, signal }: SweepOptions = {}): Promise<number> {
    this.#assertOpen();
    let deleted = 0;
    for (const [id, entry] of this.#entries) {
      if (deleted >= limit || signal?.aborted) break;
      if (entry.kind === 'record' && !this.#peek(id)) {
        this.#entries.delete(id);
        deleted += 1;
      }
    }
    return deleted;
  }

  async bySubject(subject: string): Promise<Array<readonly [id: string, record: SessionRecord]>> {
    this.#assertOpen();
    assertSubject(subject);
    const found: Array<readonly [string, SessionRecord]> = [];
    for (const id of this.#entries.keys()) {
      const record = this.#peek(id)?.record;
      if (record?.subject === subject) found.push([id, record]);
    }
    return found;
  }

  async loadOrLease(id: string): Promise<FrontResult> {
    this.#begin(id);
    const hit = this.#live(id);
    if (hit) return { status: 'hit', record: hit.record, token: hit.token, storedAt: hit.storedAt };
    const held = this.#entries.get(id);
    if (held?.kind === 'lease' && held.endsAt > this.#now()) return { status: 'busy' };
    const token = randomUUID();
    this.#insert(id, { kind: 'lease', token, endsAt: this.#now() + this.#leaseMs });
    return { status: 'leased', token };
  }

  async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
    this.#begin(id);
    assertDraft(record, this.capabilities.maxDataBytes);
    if (!this.#tokenStands(id, token)) return null;
    return this.#put(id, recordOf(record, record.revision, record.createdAt)).token;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#entries.clear();
  }

  #begin(id: string): void {
    this.#assertOpen();
    assertSessionId(id);
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreError('STORE_CLOSED', 'The store was closed.');
  }

  /** The entry of a live record. */
  #peek(id: string): (Entry & { kind: 'record' }) | undefined {
    const entry = this.#entries.get(id);
    return entry?.kind === 'record' && entry.record.expiresAt > this.#now() ? entry : undefined;
  }

  /** The entry of a live record, which counts as used. */
  #live(id: string): (Entry & { kind: 'record' }) | undefined {
    const entry = this.#peek(id);
    if (entry) this.#insert(id, entry);
    return entry;
  }

  #tokenStands(id: string, token: string): boolean {
    const entry = this.#entries.get(id);
    if (entry?.token !== token) return false;
    return entry.kind === 'record' ? entry.record.expiresAt > this.#now() : entry.endsAt > this.#now();
  }

  #put(id: string, record: SessionRecord): Entry & { kind: 'record' } {
    const entry = { kind: 'record', token: randomUUID(), storedAt: this.#now(), record } as const;
    this.#insert(id, entry);
    return entry;
  }

  /** Makes the entry the most recently used, and evicts the least recently used one where there is no room. */
  #insert(id: string, entry: Entry): void {
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    if (this.#entries.size <= this.#maxRecords) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }
}

function recordOf(draft: SessionDraft, revision: number, createdAt: number): SessionRecord {
  const { data, expiresAt, subject } = draft;
  return Object.freeze(
    subject === undefined
      ? { data, expiresAt, revision, createdAt }
      : { data, expiresAt, subject, revision, createdAt },
  );
}
