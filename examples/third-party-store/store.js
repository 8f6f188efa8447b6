import { assertDraft, assertInstant, assertSessionId, StoreError } from '@stet/core';

/** Keeps sessions in a Map: the least that a store has to do. */
export class MapStore {
  capabilities = Object.freeze({
    durable: false,
    shared: false,
    iterable: false,
    sweepable: false,
    bySubject: false,
    leasable: false,
    expiryGranularityMs: 1,
    maxDataBytes: 65_536,
  });
  #records = new Map();
  #closed = false;

  async load(id) {
    this.#check(id);
    return this.#live(id);
  }

  async create(id, draft) {
    this.#check(id, draft);
    if (this.#live(id)) return null;
    return this.#keep(id, draft, 1, draft.createdAt ?? Date.now());
  }

  async update(id, base, draft) {
    this.#check(id, draft);
    const current = this.#live(id);
    if (!current) return { status: 'gone' };
    // Without the next line: rule 3.2.
    if (current.revision !== base.revision) return { status: 'conflict', current };
    const expiresAt = draft.expiresAt === base.expiresAt ? current.expiresAt : draft.expiresAt;
    const record = this.#keep(id, { ...draft, expiresAt }, current.revision + 1, current.createdAt);
    return { status: 'updated', record };
  }

  async touch(id, expiresAt) {
    this.#check(id);
    assertInstant(expiresAt, 'expiresAt');
    const current = this.#live(id);
    if (!current) return false;
    if (expiresAt > current.expiresAt) this.#records.set(id, Object.freeze({ ...current, expiresAt }));
    return true;
  }

  async delete(id) {
    this.#check(id);
    const wasLive = this.#live(id) !== null;
    this.#records.delete(id);
    return wasLive;
  }

  async close() {
    this.#closed = true;
    this.#records.clear();
  }

  #check(id, draft) {
    if (this.#closed) throw new StoreError('STORE_CLOSED', 'The store was closed.');
    assertSessionId(id);
    if (draft) assertDraft(draft, this.capabilities.maxDataBytes);
  }

  #live(id) {
    const record = this.#records.get(id);
    return record && record.expiresAt > Date.now() ? record : null;
  }

  #keep(id, { data, expiresAt, subject }, revision, createdAt) {
    const record = Object.freeze({ data, expiresAt, ...(subject && { subject }), revision, createdAt });
    this.#records.set(id, record);
    return record;
  }
}
