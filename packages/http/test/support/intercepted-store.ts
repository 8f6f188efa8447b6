import type { SessionStore } from '@stet/core';

export type Operation = 'load' | 'create' | 'update' | 'touch' | 'delete';

/** A store whose every operation can be counted, held up, or made to fail on its way to the backend. */
export function interceptedStore(store: SessionStore, before: (operation: Operation) => unknown): SessionStore {
  return {
    capabilities: store.capabilities,
    async load(id) {
      await before('load');
      return store.load(id);
    },
    async create(id, draft) {
      await before('create');
      return store.create(id, draft);
    },
    async update(id, base, draft) {
      await before('update');
      return store.update(id, base, draft);
    },
    async touch(id, expiresAt) {
      await before('touch');
      return store.touch(id, expiresAt);
    },
    async delete(id) {
      await before('delete');
      return store.delete(id);
    },
    close: () => store.close(),
  };
}

/** Something that can be passed once it is open. */
export class Barrier {
  readonly #opened = Promise.withResolvers<void>();
  readonly #reached = Promise.withResolvers<void>();

  /** Somebody waits at it. */
  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  pass(): Promise<void> {
    this.#reached.resolve();
    return this.#opened.promise;
  }

  open(): void {
    this.#opened.resolve();
  }
}
