import { MemoryStore, type MemoryStoreOptions, type SessionRecord, type SweepOptions } from '@stet/core';
import type { StoreSettings } from '../../../src/index.ts';
import { inMemory, type Mutant } from '../mutant.ts';

/** Knows the other stores: some of its calls take every namespace that begins like its own for its own. */
class PrefixingStore extends MemoryStore {
  static readonly #all = new Map<string, PrefixingStore>();
  readonly namespace: string;

  constructor(options: MemoryStoreOptions, { namespace }: StoreSettings) {
    super(options);
    this.namespace = namespace;
    PrefixingStore.#all.set(namespace, this);
  }

  /** The store itself, and those of longer namespaces. */
  matching(): MemoryStore[] {
    return Array.from(PrefixingStore.#all.values()).filter(({ namespace }) => namespace.startsWith(this.namespace));
  }

  /** The store whose namespace is cut to 17 characters. */
  cut(): PrefixingStore | undefined {
    const name = this.namespace.slice(0, 17);
    return name === this.namespace ? undefined : PrefixingStore.#all.get(name);
  }
}

export const isolationMutants: readonly Mutant[] = [
  inMemory(
    '9.1',
    class extends PrefixingStore {
      override async load(id: string): Promise<SessionRecord | null> {
        return (await super.load(id)) ?? (await this.cut()?.load(id)) ?? null;
      }
    },
  ),
  inMemory(
    '9.2',
    class extends PrefixingStore {
      override async *entries(): ReturnType<MemoryStore['entries']> {
        for (const store of this.matching()) yield* MemoryStore.prototype.entries.call(store);
      }
    },
  ),
  inMemory(
    '9.3',
    class extends PrefixingStore {
      override async deleteExpired(options?: SweepOptions): Promise<number> {
        const sweeps = this.matching().map((store) => MemoryStore.prototype.deleteExpired.call(store, options));
        return (await Promise.all(sweeps)).reduce((sum, count) => sum + count, 0);
      }
    },
  ),
  inMemory(
    '9.4',
    class extends PrefixingStore {
      override async bySubject(subject: string): ReturnType<MemoryStore['bySubject']> {
        const found = this.matching().map((store) => MemoryStore.prototype.bySubject.call(store, subject));
        return (await Promise.all(found)).flat();
      }
    },
  ),
];
