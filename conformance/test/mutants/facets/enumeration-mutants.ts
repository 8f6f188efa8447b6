import { MemoryStore, type SessionDraft, type SessionRecord, type StoreCapabilities } from '@stet/core';
import { target } from '../../fixtures/memory-target.ts';
import { inMemory, type Mutant } from '../mutant.ts';
import { RememberingStore } from '../remembering-store.ts';

type Entries = ReturnType<MemoryStore['entries']>;

export const enumerationMutants: readonly Mutant[] = [
  inMemory(
    '12.1',
    class extends MemoryStore {
      override async *entries(): Entries {
        let before: SessionRecord | undefined;
        for await (const [id, record] of super.entries()) {
          yield [id, before ?? record];
          before = record;
        }
      }
    },
  ),
  inMemory(
    '12.2',
    class extends MemoryStore {
      override async *entries(): Entries {
        for await (const [id, record] of super.entries()) yield [id, { ...record, revision: 1 }];
      }
    },
  ),
  inMemory(
    '12.3',
    class extends RememberingStore {
      override async *entries(): Entries {
        yield* super.entries();
        for (const [id, record] of this.created) if (record.expiresAt <= Date.now()) yield [id, record];
      }
    },
  ),
  inMemory(
    '12.4',
    class extends RememberingStore {
      // Pages by offset, while what comes before the offset changes.
      override async *entries(): Entries {
        await super.entries().next();
        for (let offset = 0; ; offset += 10) {
          const living = Array.from(this.created).filter(([id]) => !this.deleted.has(id));
          const page = living.slice(offset, offset + 10);
          if (page.length === 0) return;
          for (const [id] of page) {
            const record = await super.load(id);
            if (record) yield [id, record];
          }
        }
      }
    },
  ),
  inMemory(
    '12.5',
    class extends MemoryStore {
      #touched: string[] = [];
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        this.#touched.push(id);
        return super.touch(id, expiresAt);
      }
      override async *entries(): Entries {
        this.#touched = [];
        yield* super.entries();
        for (const id of new Set(this.#touched)) {
          const record = await super.load(id);
          if (record) yield [id, record];
        }
      }
    },
  ),
  inMemory(
    '12.6',
    class extends MemoryStore {
      #new: string[] = [];
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const record = await super.create(id, draft);
        this.#new.push(id);
        return record;
      }
      override async *entries(): Entries {
        this.#new = [];
        yield* super.entries();
        for (const id of this.#new) {
          const record = await super.load(id);
          if (record) yield [id, record];
        }
      }
    },
  ),
  inMemory(
    '12.7',
    class extends MemoryStore {
      #left: Entries | undefined;
      override async *entries(): Entries {
        const listing = this.#left ?? super.entries();
        this.#left = listing;
        for (let next = await listing.next(); !next.done; next = await listing.next()) yield next.value;
        this.#left = undefined;
      }
    },
  ),
  inMemory(
    '12.9',
    class extends MemoryStore {
      override readonly capabilities: StoreCapabilities = { ...target.capabilities, iterable: false };
      override async *entries(): Entries {}
    },
    { capabilities: { iterable: false } },
  ),
];
