import { type IdAndRecord, MemoryStore, type SessionDraft, type SessionRecord, type UpdateResult } from '@stet/core';
import { inMemory, type Mutant } from '../mutant.ts';
import { RememberingStore } from '../remembering-store.ts';

/** Finds some records by subjects that they do not have. */
class MisfilingStore extends MemoryStore {
  readonly misfiled: Map<string, string> = new Map();
  override async bySubject(subject: string): Promise<readonly IdAndRecord[]> {
    const found = [...(await super.bySubject(subject))];
    const id = this.misfiled.get(subject);
    const record = id === undefined ? null : await super.load(id);
    if (id !== undefined && record) found.push([id, record]);
    return found;
  }
}

export const historyMutants: readonly Mutant[] = [
  inMemory(
    '3.17',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        if (result.status !== 'updated') return result;
        return { status: 'updated', record: { ...result.record, expiresAt: draft.expiresAt } };
      }
    },
  ),
  inMemory(
    '3.18',
    class extends MemoryStore {
      readonly #written = new Map<string, SessionRecord>();
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        if (result.status === 'updated') this.#written.set(id, result.record);
        if (result.status !== 'conflict') return result;
        const written = this.#written.get(id);
        return {
          status: 'conflict',
          current: written?.revision === result.current.revision ? written : result.current,
        };
      }
    },
  ),
  inMemory(
    '3.19',
    class extends MisfilingStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        if (result.status === 'conflict' && draft.subject !== undefined) this.misfiled.set(draft.subject, id);
        return result;
      }
    },
  ),
  inMemory(
    '3.20',
    class extends MisfilingStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const record = await super.create(id, draft);
        if (!record && draft.subject !== undefined) this.misfiled.set(draft.subject, id);
        return record;
      }
    },
  ),
  inMemory(
    '3.21',
    class extends RememberingStore {
      readonly #again = new Set<string>();
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const isAgain = this.created.has(id) && !this.deleted.has(id);
        const record = await super.create(id, draft);
        if (record && isAgain) this.#again.add(id);
        return record;
      }
      // Goes on from the state that the id had before.
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        if (result.status !== 'updated' || !this.#again.has(id)) return result;
        return { status: 'updated', record: { ...result.record, createdAt: 12_345 } };
      }
    },
  ),
  inMemory(
    '3.22',
    class extends MemoryStore {
      readonly #updates = new Map<string, number>();
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const updates = this.#updates.get(id) ?? 0;
        const current = await super.load(id);
        if (updates >= 255 && current) return { status: 'conflict', current };
        const result = await super.update(id, base, draft);
        if (result.status === 'updated') this.#updates.set(id, updates + 1);
        return result;
      }
    },
  ),
  inMemory(
    '3.23',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        if (result.status !== 'updated') return result;
        return { status: 'updated', record: { ...result.record, createdAt: base.createdAt } };
      }
    },
  ),
];
