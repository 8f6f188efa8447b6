import { isStoreError, MemoryStore, type SessionDraft, type SessionRecord, type SweepOptions } from '@stet/core';
import { inMemory, type Mutant, pause } from '../mutant.ts';

export const closeMutants: readonly Mutant[] = [
  inMemory(
    '16.1',
    class extends MemoryStore {
      #closed = false;
      override async close(): Promise<void> {
        if (this.#closed) throw new Error('The store was closed before.');
        this.#closed = true;
        await super.close();
      }
    },
  ),
  inMemory(
    '16.2',
    class extends MemoryStore {
      #closed = false;
      override async load(id: string): Promise<SessionRecord | null> {
        return this.#closed ? null : super.load(id);
      }
      override async close(): Promise<void> {
        this.#closed = true;
        await super.close();
      }
    },
  ),
  inMemory(
    '16.3',
    class extends MemoryStore {
      override async deleteExpired(options?: SweepOptions): Promise<number> {
        return super.deleteExpired(options).catch((error: unknown) => {
          if (isStoreError(error) && error.code === 'STORE_CLOSED') return 0;
          throw error;
        });
      }
    },
  ),
  inMemory(
    '16.4',
    class extends MemoryStore {
      #closed = false;
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const wasOpen = !this.#closed;
        const record = await super.create(id, draft);
        await pause();
        return wasOpen && this.#closed ? new Promise(() => {}) : record;
      }
      override async close(): Promise<void> {
        this.#closed = true;
        await super.close();
      }
    },
  ),
];
