import { randomUUID } from 'node:crypto';
import {
  assertDraft,
  assertInstant,
  assertSessionId,
  type FrontResult,
  type FrontStore,
  type OperationKind,
  type SessionDraft,
  type SessionRecord,
  type StoreCapabilities,
  StoreError,
  type UpdateResult,
} from '@stet/core';
import { assertClient } from './client-settings.ts';
import { type Entry, encode, type LeaseEntry, mostHeaderBytes, type RecordEntry, recordOf } from './entry.ts';
import { lifetimeUntil, noTime } from './lifetime.ts';
import { mostEscapes } from './line-ends.ts';
import { type MemcachedStoreOptions, type Settings, settingsOf } from './memcached-store-options.ts';
import { type Held, StoreCall, type WriteOutcome } from './store-call.ts';

/**
 * Keeps sessions in Memcached. Each write is an `add`, or a `cas` of the item that was read: the server compares. Memcached
 * may forget an item at any time and forgets all of them when it ends (`durable: false`), but it never brings an old one back.
 */
export class MemcachedStore implements FrontStore {
  readonly capabilities: StoreCapabilities;
  readonly #settings: Settings;
  /** What was read together with a record that `load` gave out. */
  readonly #read = new WeakMap<SessionRecord, Held>();
  #hasCas = false;
  #closed = false;

  constructor(options: MemcachedStoreOptions) {
    this.#settings = settingsOf(options);
    const { client, maxDataBytes } = this.#settings;
    assertClient(client, maxDataBytes + mostEscapes(maxDataBytes) + mostHeaderBytes);
    this.capabilities = Object.freeze({
      durable: false,
      shared: true,
      iterable: false,
      sweepable: false,
      bySubject: false,
      leasable: true,
      expiryGranularityMs: 1,
      maxDataBytes,
    });
  }

  async load(id: string): Promise<SessionRecord | null> {
    const { key, call } = this.#begin(id, 'read');
    const held = await call.read(key);
    return held && (this.#liveRecord(held)?.record ?? null);
  }

  async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
    const { key, call } = this.#begin(id, 'write');
    assertDraft(draft, this.capabilities.maxDataBytes);
    const entry = this.#revision(recordOf(draft, 1, draft.createdAt ?? this.#now()));
    let outcome = await this.#add(call, key, entry);
    while (outcome !== 'done') {
      const held = await call.read(key);
      const live = held && this.#liveRecord(held);
      if (live?.nonce === entry.nonce) return entry.record;
      // An id whose record came and went is not taken a second time by the same call.
      if (call.unsettled && (live || !held)) throw call.ambiguous();
      if (live) return null;
      outcome = held ? await this.#replace(call, held, entry) : await this.#add(call, key, entry);
    }
    if (!this.#hasCas) await this.#assertCas(call, key);
    return entry.record;
  }

  async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
    const { key, call } = this.#begin(id, 'write');
    assertDraft(draft, this.capabilities.maxDataBytes);
    const nonce = randomUUID();
    let held = this.#remembered(key, base) ?? (await call.read(key));
    for (;;) {
      const current = held && this.#liveRecord(held);
      if (current?.nonce === nonce) return { status: 'updated', record: current.record };
      if (!held || !current) {
        if (call.unsettled) throw call.ambiguous();
        return { status: 'gone' };
      }
      const { revision, createdAt } = current.record;
      if (revision !== base.revision) {
        // Whoever is next after the base has beaten this write; further on, it may have been among those before.
        if (call.unsettled && revision !== base.revision + 1) throw call.ambiguous();
        return { status: 'conflict', current: current.record };
      }
      const expiresAt = draft.expiresAt === base.expiresAt ? current.record.expiresAt : draft.expiresAt;
      const next = this.#revision(recordOf({ ...draft, expiresAt }, revision + 1, createdAt), nonce);
      if ((await this.#replace(call, held, next)) === 'done') return { status: 'updated', record: next.record };
      held = await call.read(key);
    }
  }

  async touch(id: string, expiresAt: number): Promise<boolean> {
    const { key, call } = this.#begin(id, 'write');
    assertInstant(expiresAt, 'expiresAt');
    for (;;) {
      const held = await call.read(key);
      const current = held && this.#liveRecord(held);
      if (!held || !current) return false;
      if (expiresAt <= current.record.expiresAt) return true;
      const { revision, createdAt } = current.record;
      const extended = recordOf({ ...current.record, expiresAt }, revision, createdAt);
      if ((await this.#replace(call, held, this.#revision(extended, current.nonce))) === 'done') return true;
    }
  }

  async delete(id: string): Promise<boolean> {
    const { key, call } = this.#begin(id, 'write');
    for (let sent = false; ; ) {
      const held = await call.read(key);
      if (!held) return sent;
      if (held.entry.kind === 'corrupt' || this.#liveRecord(held)) {
        const outcome = await call.delete(key);
        if (outcome === 'done') return true;
        sent ||= outcome === 'unanswered';
      } else if ((await call.replace(held, '', noTime)) === 'done') {
        return sent;
      }
    }
  }

  async loadOrLease(id: string): Promise<FrontResult> {
    const { key, call } = this.#begin(id, 'read');
    const endsAt = this.#now() + this.#settings.leaseMs;
    const lease: LeaseEntry = { kind: 'lease', token: randomUUID(), endsAt };
    for (;;) {
      const held = await call.read(key);
      const hit = held && this.#liveRecord(held);
      if (hit) return { status: 'hit', record: hit.record, token: hit.token, storedAt: hit.storedAt };
      if (held && this.#isLive(held.entry)) {
        return tokenOf(held.entry) === lease.token ? { status: 'leased', token: lease.token } : { status: 'busy' };
      }
      const outcome = await (held ? this.#replace(call, held, lease) : this.#add(call, key, lease));
      if (outcome === 'done') return { status: 'leased', token: lease.token };
    }
  }

  async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
    const { key, call } = this.#begin(id, 'write');
    assertDraft(record, this.capabilities.maxDataBytes);
    assertInstant(record.createdAt, 'createdAt');
    assertInstant(record.revision, 'revision');
    const next = this.#revision(recordOf(record, record.revision, record.createdAt));
    for (;;) {
      const held = await call.read(key);
      const standing = held && this.#isLive(held.entry) ? tokenOf(held.entry) : undefined;
      if (standing === next.token) return next.token;
      if (!held || standing !== token) {
        if (call.unsettled) throw call.ambiguous();
        return null;
      }
      if ((await this.#replace(call, held, next)) === 'done') return next.token;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #begin(id: string, kind: OperationKind): { key: string; call: StoreCall } {
    if (this.#closed) throw new StoreError('STORE_CLOSED', 'The store was closed.');
    assertSessionId(id);
    const { client, prefix, timeoutMs } = this.#settings;
    return { key: prefix + id, call: new StoreCall(client, kind, timeoutMs) };
  }

  /** Only a read shows whether the server has cas, so the first record that a store creates is read back. */
  async #assertCas(call: StoreCall, key: string): Promise<void> {
    call.unsettled = true;
    this.#hasCas = (await call.read(key)) !== null;
  }

  #now(): number {
    return this.#settings.now();
  }

  /** A new entry. A touch hands on the nonce of the revision. */
  #revision(record: SessionRecord, nonce?: string): RecordEntry {
    const token = randomUUID();
    return { kind: 'record', record, nonce: nonce ?? token, token, storedAt: this.#now() };
  }

  #add(call: StoreCall, key: string, entry: RecordEntry | LeaseEntry): Promise<WriteOutcome> {
    return call.add(key, encode(entry), lifetimeUntil(endOf(entry), this.#now()));
  }

  #replace(call: StoreCall, held: Held, entry: RecordEntry | LeaseEntry): Promise<WriteOutcome> {
    return call.replace(held, encode(entry), lifetimeUntil(endOf(entry), this.#now()));
  }

  /** What was read when this very record was loaded. It is a hint: the server decides whether it still holds. */
  #remembered(key: string, base: SessionRecord): Held | undefined {
    const held = this.#read.get(base);
    return held?.key === key && this.#isLive(held.entry) ? held : undefined;
  }

  /** The entry of a live record, remembered with what it takes to replace it. Throws where there is one that cannot be read. */
  #liveRecord(held: Held): RecordEntry | null {
    const { entry } = held;
    this.#hasCas = true;
    if (entry.kind === 'corrupt') throw entry.error;
    if (entry.kind === 'lease' || !this.#isLive(entry)) return null;
    this.#read.set(entry.record, held);
    return entry;
  }

  #isLive(entry: Entry): boolean {
    return entry.kind !== 'corrupt' && endOf(entry) > this.#now();
  }
}

function endOf(entry: RecordEntry | LeaseEntry): number {
  return entry.kind === 'lease' ? entry.endsAt : entry.record.expiresAt;
}

function tokenOf(entry: Entry): string | undefined {
  return entry.kind === 'corrupt' ? undefined : entry.token;
}
