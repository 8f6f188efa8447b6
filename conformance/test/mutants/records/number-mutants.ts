import { type IdAndRecord, MemoryStore, type SessionDraft, type SessionRecord } from '@stet/core';
import { inMemory, type Mutant } from '../mutant.ts';

export const numberMutants: readonly Mutant[] = [
  inMemory(
    '6.8',
    class extends MemoryStore {
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        const isBeyondDates = Number.isSafeInteger(expiresAt) && Number.isNaN(new Date(expiresAt).getTime());
        return super.touch(id, isBeyondDates ? 8_640_000_000_000_000 : expiresAt);
      }
    },
  ),
  inMemory(
    '6.9',
    class extends MemoryStore {
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        const record = await super.load(id);
        const isSmall = record && expiresAt > record.expiresAt && expiresAt - record.expiresAt < 1_000;
        return isSmall ? true : super.touch(id, expiresAt);
      }
    },
  ),
  inMemory(
    '6.10',
    class extends MemoryStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        return super.create(id, draft?.createdAt === 0 ? { ...draft, createdAt: Date.now() } : draft);
      }
    },
  ),
  inMemory(
    '6.11',
    class extends MemoryStore {
      override async bySubject(subject: string): Promise<readonly IdAndRecord[]> {
        const found = await super.bySubject(subject);
        return found.filter(([, { expiresAt }]) => expiresAt < 2 ** 32 * 1_000);
      }
    },
  ),
];
