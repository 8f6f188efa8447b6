import { isSessionId, MemoryStore, type SessionDraft, type SessionRecord } from '@stet/core';
import { inMemory, type Mutant } from '../mutant.ts';

export const idMutants: readonly Mutant[] = [
  inMemory(
    '8.1',
    class extends MemoryStore {
      override async load(id: string): Promise<SessionRecord | null> {
        return isSessionId(id) ? super.load(id) : null;
      }
    },
  ),
  inMemory(
    '8.2',
    class extends MemoryStore {
      override async delete(id: string): Promise<boolean> {
        return isSessionId(id) ? super.delete(id) : false;
      }
    },
  ),
  inMemory(
    '8.3',
    class extends MemoryStore {
      // Compares digits as a number, as a database does with a column of the wrong type.
      readonly #ids: string[] = [];
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const record = await super.create(id, draft);
        if (record) this.#ids.push(id);
        return record;
      }
      override async load(id: string): Promise<SessionRecord | null> {
        return super.load(isSessionId(id) ? (this.#ids.find((one) => Number(one) === Number(id)) ?? id) : id);
      }
    },
  ),
];
