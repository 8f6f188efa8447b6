import {
  type IdAndRecord,
  isStoreError,
  MemoryStore,
  type SessionDraft,
  type SessionRecord,
  type SweepOptions,
} from '@stet/core';
import { ServedStore } from '../../fixtures/served-store.ts';
import { inMemory, type Mutant, served } from '../mutant.ts';

export const pageMutants: readonly Mutant[] = [
  inMemory(
    '12.11',
    class extends MemoryStore {
      readonly #ids = new Set<string>();
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const record = await super.create(id, draft);
        this.#ids.add(id);
        return record;
      }
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        this.#ids.add(id);
        return super.replaceIf(id, token, record);
      }
      // Takes a page without live records for the last one.
      override async *entries(): AsyncGenerator<IdAndRecord> {
        const records = new Map(await Array.fromAsync(super.entries()));
        const ids = Array.from(this.#ids);
        for (let at = 0; at < ids.length; at += 100) {
          const page = ids.slice(at, at + 100).filter((id) => records.has(id));
          if (page.length === 0) return;
          for (const id of page) yield [id, records.get(id) as SessionRecord];
        }
      }
    },
  ),
  inMemory(
    '12.12',
    class extends MemoryStore {
      #open: AsyncGenerator<IdAndRecord> | undefined;
      override async *entries(): AsyncGenerator<IdAndRecord> {
        this.#open ??= super.entries();
        const shared = this.#open;
        try {
          for (let step = await shared.next(); !step.done; step = await shared.next()) yield step.value;
        } finally {
          this.#open = undefined;
        }
      }
    },
  ),
  inMemory(
    '13.10',
    class extends MemoryStore {
      override async deleteExpired(options: SweepOptions = {}): Promise<number> {
        return super.deleteExpired({ limit: 1_000, ...options });
      }
    },
  ),
  inMemory(
    '13.11',
    class extends MemoryStore {
      override async deleteExpired({ limit, ...options }: SweepOptions = {}): Promise<number> {
        return super.deleteExpired(limit ? { limit, ...options } : options);
      }
    },
  ),
  inMemory(
    '13.12',
    class extends MemoryStore {
      override async deleteExpired(options: SweepOptions = {}): Promise<number> {
        const isBusy = (await Array.fromAsync(super.entries())).length > 50;
        return super.deleteExpired(isBusy && options.limit ? { ...options, limit: 1 } : options);
      }
    },
  ),
  inMemory(
    '13.13',
    class extends MemoryStore {
      override async deleteExpired(options: SweepOptions = {}): Promise<number> {
        const deleted = await super.deleteExpired(options);
        return options.signal?.aborted ? 0 : deleted;
      }
    },
  ),
  inMemory(
    '14.9',
    class extends MemoryStore {
      override async bySubject(subject: string): Promise<readonly IdAndRecord[]> {
        return (await super.bySubject(subject)).slice(0, 1_000);
      }
    },
  ),
];

export const servedPageMutants: readonly Mutant[] = [
  served(
    '12.13',
    class extends ServedStore {
      override async *entries(): ReturnType<ServedStore['entries']> {
        let seen = 0;
        try {
          for await (const entry of super.entries()) {
            seen += 1;
            yield entry;
          }
        } catch (error) {
          if (seen === 0 || !isStoreError(error) || error.code !== 'STORE_UNAVAILABLE') throw error;
        }
      }
    },
  ),
];
