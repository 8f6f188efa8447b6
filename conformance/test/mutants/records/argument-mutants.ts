import { assertDraft, MemoryStore, type SessionDraft, type SessionRecord } from '@stet/core';
import { inMemory, type Mutant } from '../mutant.ts';

export const argumentMutants: readonly Mutant[] = [
  inMemory(
    '7.15',
    class extends MemoryStore {
      override create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        void draft.data;
        return super.create(id, draft);
      }
    },
  ),
  inMemory(
    '7.16',
    class extends MemoryStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        return super.create(id, Object.assign({ data: '', expiresAt: draft.expiresAt }, draft));
      }
    },
  ),
  inMemory(
    '7.17',
    class extends MemoryStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        assertDraft(draft, 65_536);
        return super.create(id, draft);
      }
    },
  ),
];
