import { randomUUID } from 'node:crypto';
import {
  AbstractStore,
  type Deadline,
  type FrontResult,
  recordAfter,
  recordOf,
  type SessionChange,
  type SessionRecord,
  type UpdateResult,
} from '@stet/core';
import type { CommandClient } from './client/command-client.ts';
import type { Placeholder, RecordEntry } from './item/entry.ts';
import { type MemcachedStoreOptions, settingsOf } from './memcached-store-options.ts';
import { remember, remembered } from './remembered.ts';
import { type Held, StoreCall } from './store-call.ts';

/**
 * Keeps sessions in Memcached. Each write is an `add`, or a `cas` of the item that was read: the server compares.
 * Memcached may forget an item at any time and forgets all of them when it ends (`durable: false`), but it never brings
 * an old one back.
 */
export class MemcachedStore extends AbstractStore {
  readonly #client: CommandClient;
  readonly #prefix: string;
  readonly #leaseMs: number;
  readonly #now = (): number => this.now();
  #hasCas = false;

  constructor(options: MemcachedStoreOptions) {
    const { client, prefix, leaseMs, ...shared } = settingsOf(options);
    super({ durable: false, shared: true, ...shared });
    this.#client = client;
    this.#prefix = prefix;
    this.#leaseMs = leaseMs;
  }

  protected override _load(id: string, deadline: Deadline): Promise<SessionRecord | null> {
    return this.#call(id, deadline)
      .read()
      .then((held) => held && (this.#live(held)?.record ?? null));
  }

  protected override async _create(id: string, record: SessionRecord, deadline: Deadline): Promise<boolean> {
    const call = this.#call(id, deadline);
    const entry = this.#entryOf(record);
    let outcome = await call.add(entry);
    while (outcome !== 'done') {
      const held = await call.read();
      const live = held && this.#live(held);
      if (live?.nonce === entry.nonce) return true;
      // What was not answered may yet arrive, and create the session again after another had ended it.
      if (call.isUnsettled) throw call.ambiguous();
      if (live) return false;
      outcome = await (held ? call.replace(held, entry) : call.add(entry));
    }
    if (!this.#hasCas) await this.#assertCas(call);
    return true;
  }

  protected override async _update(
    id: string,
    base: SessionRecord,
    change: SessionChange,
    deadline: Deadline,
  ): Promise<UpdateResult> {
    const call = this.#call(id, deadline);
    const nonce = randomUUID();
    let held = this.#remembered(id, base) ?? (await call.read());
    for (;;) {
      const current = held && this.#live(held);
      if (current?.nonce === nonce) return { status: 'updated', record: current.record };
      if (!held || !current) {
        if (call.isUnsettled) throw call.ambiguous();
        return { status: 'gone' };
      }
      const { revision } = current.record;
      if (revision !== change.revision - 1) {
        // Whoever is next after the base has beaten this write; further on, it may have been among those before.
        if (call.isUnsettled && revision !== change.revision) throw call.ambiguous();
        return { status: 'conflict', current: current.record };
      }
      const next = this.#entryOf(recordAfter(current.record, change), nonce);
      if ((await call.replace(held, next)) === 'done') return { status: 'updated', record: next.record };
      held = await call.read();
    }
  }

  protected override async _touch(id: string, expiresAt: number, deadline: Deadline): Promise<boolean> {
    const call = this.#call(id, deadline);
    for (;;) {
      const held = await call.read();
      const current = held && this.#live(held);
      if (!held || !current) return false;
      const { record, nonce } = current;
      if (expiresAt <= record.expiresAt) return true;
      const extended = recordOf({ ...record, expiresAt }, record.revision, record.createdAt);
      if ((await call.replace(held, this.#entryOf(extended, nonce))) === 'done') return true;
    }
  }

  /** Leaves a mark for as long as a call may take, so that of several deletes each finds out which of them it was. */
  protected override async _delete(id: string, deadline: Deadline): Promise<boolean> {
    const call = this.#call(id, deadline);
    const mark = this.#placeholder('deleted', deadline.timeoutMs);
    for (let wasThere = false; ; ) {
      const held = await call.read();
      if (held && tokenOf(held) === mark.token) return wasThere;
      const isCorrupt = held?.entry.kind === 'corrupt';
      wasThere = isCorrupt || (held !== null && this.#live(held) !== null);
      if (!wasThere && call.isUnsettled) throw call.ambiguous();
      if (!held || held.entry.kind === 'deleted') return false;
      const outcome = await (isCorrupt ? call.delete() : call.replace(held, mark));
      if (outcome === 'done') return wasThere;
    }
  }

  protected override async _loadOrLease(id: string, deadline: Deadline): Promise<FrontResult> {
    const call = this.#call(id, deadline);
    for (let lease: Placeholder | undefined; ; ) {
      const held = await call.read();
      const hit = held && this.#live(held);
      if (hit) return { status: 'hit', record: hit.record, token: hit.token, storedAt: hit.storedAt };
      if (held && this.#standingToken(held) !== undefined) {
        return lease && tokenOf(held) === lease.token ? { status: 'leased', token: lease.token } : { status: 'busy' };
      }
      // A token of its own for each that is sent: one that was not answered may yet arrive, after the lease was
      // cancelled.
      lease = this.#placeholder('lease', this.#leaseMs);
      if ((await (held ? call.replace(held, lease) : call.add(lease))) === 'done') {
        return { status: 'leased', token: lease.token };
      }
    }
  }

  protected override async _replaceIf(
    id: string,
    token: string,
    record: SessionRecord,
    deadline: Deadline,
  ): Promise<string | null> {
    const call = this.#call(id, deadline);
    const next = this.#entryOf(record);
    for (;;) {
      const held = await call.read();
      const standing = held && this.#standingToken(held);
      if (standing === next.token) return next.token;
      if (!held || standing !== token) {
        if (call.isUnsettled) throw call.ambiguous();
        return null;
      }
      if ((await call.replace(held, next)) === 'done') return next.token;
    }
  }

  #call(id: string, deadline: Deadline): StoreCall {
    return new StoreCall(this.#client, this.#prefix + id, deadline, this.#now);
  }

  /** Only a read shows whether the server has cas, so the first record that a store creates is read back. */
  async #assertCas(call: StoreCall): Promise<void> {
    call.isUnsettled = true;
    this.#hasCas = (await call.read()) !== null;
  }

  /** A new entry. A touch hands on the nonce of the revision. */
  #entryOf(record: SessionRecord, nonce?: string): RecordEntry {
    const token = randomUUID();
    return { kind: 'record', record, nonce: nonce ?? token, token, storedAt: this.now() };
  }

  #placeholder(kind: Placeholder['kind'], forMs: number): Placeholder {
    return { kind, token: randomUUID(), endsAt: this.now() + forMs };
  }

  /** What was read when this very record was loaded. It is a hint: the server decides whether it still holds. */
  #remembered(id: string, base: SessionRecord): Held | undefined {
    const held = remembered(base);
    return held?.key === this.#prefix + id && base.expiresAt > this.now() ? held : undefined;
  }

  /**
   * The entry of a live record, remembered with what it takes to replace it. Throws where there is one that cannot be
   * read.
   */
  #live(held: Held): RecordEntry | null {
    const { entry } = held;
    this.#hasCas = true;
    if (entry.kind === 'corrupt') throw entry.error;
    if (entry.kind !== 'record' || entry.record.expiresAt <= this.now()) return null;
    remember(entry.record, held);
    return entry;
  }

  /** The token that a holder may fill the entry by. */
  #standingToken({ entry }: Held): string | undefined {
    if (entry.kind === 'corrupt' || entry.kind === 'deleted') return undefined;
    const endsAt = entry.kind === 'record' ? entry.record.expiresAt : entry.endsAt;
    return endsAt > this.now() ? entry.token : undefined;
  }
}

function tokenOf({ entry }: Held): string | undefined {
  return entry.kind === 'corrupt' ? undefined : entry.token;
}
