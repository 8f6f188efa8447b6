import type { IterableStore } from '@stet/core';

export type Operation = 'load' | 'create' | 'update' | 'touch' | 'delete' | 'entries';

/** A store whose every operation can be counted, held up, or made to fail on its way to the backend. */
export function interceptedStore(store: IterableStore, before: (operation: Operation) => unknown): IterableStore {
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
    async *entries() {
      await before('entries');
      yield* store.entries();
    },
    close: () => store.close(),
  };
}
