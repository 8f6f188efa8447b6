import { AbstractStore, recordAfter } from '@stet/core';

/** Keeps sessions in a Map: the least that a store has to do. */
export class MapStore extends AbstractStore {
  #records = new Map();

  constructor({ now } = {}) {
    super({ durable: false, shared: false, maxDataBytes: 65_536, now });
  }

  _load(id) {
    return this.#live(id);
  }

  _create(id, record) {
    if (this.#live(id)) return false;
    this.#records.set(id, record);
    return true;
  }

  _update(id, base, change) {
    const current = this.#live(id);
    if (!current) return { status: 'gone' };
    // Without the next line: rule 3.2.
    if (current.revision !== base.revision) return { status: 'conflict', current };
    const record = recordAfter(current, change);
    this.#records.set(id, record);
    return { status: 'updated', record };
  }

  _touch(id, expiresAt) {
    const current = this.#live(id);
    if (!current) return false;
    if (expiresAt > current.expiresAt) this.#records.set(id, { ...current, expiresAt });
    return true;
  }

  _delete(id) {
    const wasLive = this.#live(id) !== null;
    this.#records.delete(id);
    return wasLive;
  }

  #live(id) {
    const record = this.#records.get(id);
    return record && record.expiresAt > this.now() ? record : null;
  }
}
