import { MemoryStore, type SessionDraft, type SessionRecord, type UpdateResult } from '@stet/core';
import { inMemory, type Mutant, pause } from '../mutant.ts';

export const concurrencyMutants: readonly Mutant[] = [
  inMemory(
    '10.1',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const before = await super.load(id);
        const result = await super.update(id, base, draft);
        return result.status === 'conflict' && before ? { ...result, current: before } : result;
      }
    },
  ),
  inMemory(
    '10.2',
    class extends MemoryStore {
      // What counts the updates of a session is too narrow, and stays at its highest number.
      readonly #updates = new Map<string, number>();
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        const updates = this.#updates.get(id) ?? 0;
        if (result.status === 'updated') this.#updates.set(id, updates + 1);
        return result.status === 'conflict' && updates >= 60 ? this.update(id, result.current, draft) : result;
      }
    },
  ),
  inMemory(
    '10.3',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const before = await super.load(id);
        await pause();
        const result = await super.update(id, base, draft);
        if (result.status !== 'gone' || !before) return result;
        return { status: 'updated', record: (await super.create(id, draft)) ?? before };
      }
    },
  ),
  inMemory(
    '10.4',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const before = await super.load(id);
        await pause();
        const repeats = before && draft.expiresAt === base.expiresAt;
        return super.update(
          id,
          { ...base, expiresAt: -1 },
          repeats ? { ...draft, expiresAt: before.expiresAt } : draft,
        );
      }
    },
  ),
  inMemory(
    '10.5',
    class extends MemoryStore {
      readonly #older = new Map<string, SessionRecord>();
      override async load(id: string): Promise<SessionRecord | null> {
        const record = await super.load(id);
        return this.#older.get(id) ?? record;
      }
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const before = await super.load(id);
        const result = await super.update(id, base, draft);
        if (result.status !== 'updated' || !before) return result;
        // Two replicas that a reader meets in turn.
        await pause();
        this.#older.set(id, before);
        await pause();
        this.#older.delete(id);
        return result;
      }
    },
  ),
  inMemory(
    '10.11',
    class extends MemoryStore {
      readonly #updates = new Map<string, number>();
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        if (result.status === 'updated') this.#updates.set(id, (this.#updates.get(id) ?? 0) + 1);
        return result;
      }
      // It was there, and changed meanwhile: whoever tries again ends it as well.
      override async delete(id: string): Promise<boolean> {
        const before = await super.load(id);
        const updates = this.#updates.get(id);
        await pause();
        const isDeleted = await super.delete(id);
        return isDeleted || (before !== null && this.#updates.get(id) !== updates);
      }
    },
  ),
];
