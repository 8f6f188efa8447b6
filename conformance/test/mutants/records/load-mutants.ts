import { MemoryStore, type SessionDraft, type SessionRecord } from '@stet/core';
import { inMemory, type Mutant } from '../mutant.ts';

export const loadMutants: readonly Mutant[] = [
  inMemory(
    '2.1',
    class extends MemoryStore {
      override async load(id: string): Promise<SessionRecord | null> {
        return (await super.load(id)) ?? (undefined as unknown as null);
      }
    },
  ),
  inMemory(
    '2.2',
    class extends MemoryStore {
      readonly #reserved = new Set<string>();
      override async load(id: string): Promise<SessionRecord | null> {
        const record = await super.load(id);
        if (!record) this.#reserved.add(id);
        return record;
      }
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        return this.#reserved.has(id) ? null : super.create(id, draft);
      }
      override async delete(id: string): Promise<boolean> {
        const deleted = await super.delete(id);
        this.#reserved.delete(id);
        return deleted;
      }
    },
  ),
  inMemory(
    '2.3',
    class extends MemoryStore {
      readonly #popular = new Map<string, { record: SessionRecord; loads: number }>();
      override async load(id: string): Promise<SessionRecord | null> {
        const record = await super.load(id);
        const known = this.#popular.get(id);
        if (record) this.#popular.set(id, { record, loads: (known?.loads ?? 0) + 1 });
        return record ?? (known && known.loads >= 3 ? known.record : null);
      }
      override async delete(id: string): Promise<boolean> {
        this.#popular.delete(id);
        return super.delete(id);
      }
    },
  ),
];
