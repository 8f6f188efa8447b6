import { assertDraft, MemoryStore, type SessionDraft, type SessionRecord } from '@stet/core';
import { inMemory, type Mutant, pause } from '../mutant.ts';
import { NumberingStore } from '../numbering-store.ts';

export const createMutants: readonly Mutant[] = [
  inMemory(
    '1.1',
    class extends MemoryStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const record = await super.create(id, draft);
        return record && { ...record, data: '' };
      }
    },
  ),
  inMemory(
    '1.2',
    class extends MemoryStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        return super.create(id, { createdAt: 0, ...draft });
      }
    },
  ),
  inMemory(
    '1.3',
    class extends MemoryStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        assertDraft(draft, 65_536);
        const { createdAt, ...rest } = draft;
        // Takes a session that old for a mistake.
        return Date.now() - (createdAt ?? Number.NaN) > 86_400_000 ? super.create(id, rest) : super.create(id, draft);
      }
    },
  ),
  inMemory(
    '1.4',
    class extends MemoryStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const record = await super.create(id, draft);
        if (!record) await super.touch(id, draft.expiresAt);
        return record;
      }
    },
  ),
  inMemory(
    '1.5',
    class extends MemoryStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        if (await super.load(id)) return null;
        await pause();
        await super.delete(id);
        return super.create(id, draft);
      }
    },
  ),
  inMemory(
    '1.6',
    class extends MemoryStore {
      readonly #taken = new Set<string>();
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        if (this.#taken.has(id)) return null;
        const record = await super.create(id, draft);
        this.#taken.add(id);
        return record;
      }
      override async delete(id: string): Promise<boolean> {
        this.#taken.delete(id);
        return super.delete(id);
      }
    },
  ),
  inMemory(
    '1.7',
    class extends MemoryStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        return super.create(id, { subject: 'anonymous', ...draft });
      }
    },
  ),
  inMemory(
    '1.8',
    class extends MemoryStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        assertDraft(draft, 65_536);
        return draft.expiresAt <= Date.now() ? null : super.create(id, draft);
      }
    },
  ),
  inMemory(
    '1.10',
    class extends NumberingStore {
      #created = 0;
      protected override firstRevision(): number {
        this.#created += 1_000;
        return this.#created;
      }
    },
  ),
];
