import { randomInt } from 'node:crypto';
import { MemoryStore, type SessionDraft, type SessionRecord, type UpdateResult } from '@stet/core';
import { inMemory, type Mutant, pause } from '../mutant.ts';
import { NumberingStore } from '../numbering-store.ts';
import { RememberingStore } from '../remembering-store.ts';

export const deleteMutants: readonly Mutant[] = [
  inMemory(
    '5.1',
    class extends MemoryStore {
      override async delete(id: string): Promise<boolean> {
        // The number of rows, where there were any.
        return (await super.delete(id)) && (1 as unknown as boolean);
      }
    },
  ),
  inMemory(
    '5.2',
    class extends RememberingStore {
      readonly #leased = new Set<string>();
      override async loadOrLease(id: string): ReturnType<MemoryStore['loadOrLease']> {
        this.#leased.add(id);
        return super.loadOrLease(id);
      }
      override async delete(id: string): Promise<boolean> {
        return (await super.delete(id)) || !(this.created.has(id) || this.#leased.has(id));
      }
    },
  ),
  inMemory(
    '5.3',
    class extends RememberingStore {
      override async delete(id: string): Promise<boolean> {
        const expired = this.created.has(id) && !this.deleted.has(id);
        return (await super.delete(id)) || expired;
      }
    },
  ),
  inMemory(
    '5.4',
    class extends RememberingStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        const current = this.deleted.get(id);
        return result.status === 'gone' && current ? { status: 'conflict', current } : result;
      }
    },
  ),
  inMemory(
    '5.5',
    class extends RememberingStore {
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        return (await super.touch(id, expiresAt)) || this.deleted.has(id);
      }
    },
  ),
  inMemory(
    '5.6',
    class extends MemoryStore {
      override async delete(id: string): Promise<boolean> {
        const wasThere = (await super.load(id)) !== null;
        await pause();
        await super.delete(id);
        return wasThere;
      }
    },
  ),
  inMemory(
    '5.7',
    class extends RememberingStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const subject = this.deleted.get(id)?.subject;
        return super.create(id, subject === undefined ? draft : { subject, ...draft });
      }
    },
  ),
  inMemory(
    '5.10',
    class extends NumberingStore {
      protected override firstRevision(id: string): number {
        return 1 + (Number(`0x${id.slice(0, 12)}`) % (2 ** 48 - 1));
      }
    },
  ),
  inMemory(
    '5.11',
    class extends NumberingStore {
      // Only a delete makes it forget the revision at which an id began.
      readonly #firsts = new Map<string, number>();
      protected override firstRevision(id: string): number {
        const first = this.#firsts.get(id) ?? randomInt(1, 2 ** 48 - 1);
        this.#firsts.set(id, first);
        return first;
      }
      override async delete(id: string): Promise<boolean> {
        this.#firsts.delete(id);
        return super.delete(id);
      }
    },
  ),
];
