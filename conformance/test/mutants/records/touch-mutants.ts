import { MemoryStore, type SessionDraft, type SessionRecord, type UpdateResult } from '@stet/core';
import { inMemory, type Mutant, pause } from '../mutant.ts';

export const touchMutants: readonly Mutant[] = [
  inMemory(
    '4.1',
    class extends MemoryStore {
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        const before = await super.load(id);
        return (await super.touch(id, expiresAt)) && expiresAt <= (before?.expiresAt ?? 0);
      }
    },
  ),
  inMemory(
    '4.2',
    class extends MemoryStore {
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        // Counts changed rows.
        const before = await super.load(id);
        return (await super.touch(id, expiresAt)) && expiresAt > (before?.expiresAt ?? 0);
      }
    },
  ),
  inMemory(
    '4.3',
    class extends MemoryStore {
      readonly #touched = new Set<string>();
      override async load(id: string): Promise<SessionRecord | null> {
        const record = await super.load(id);
        return record && this.#touched.has(id) ? { ...record, createdAt: record.createdAt + 1 } : record;
      }
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        const done = await super.touch(id, expiresAt);
        const record = await super.load(id);
        if (record?.expiresAt === expiresAt) this.#touched.add(id);
        return done;
      }
    },
  ),
  inMemory(
    '4.4',
    class extends MemoryStore {
      readonly #known = new Set<string>();
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        this.#known.add(id);
        return super.create(id, draft);
      }
      override async loadOrLease(id: string): ReturnType<MemoryStore['loadOrLease']> {
        this.#known.add(id);
        return super.loadOrLease(id);
      }
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        return (await super.touch(id, expiresAt)) || !this.#known.has(id);
      }
    },
  ),
  inMemory(
    '4.5',
    class extends MemoryStore {
      readonly #kept = new Map<string, SessionRecord>();
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const record = await super.create(id, draft);
        if (record) this.#kept.set(id, record);
        return record;
      }
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        if (await super.touch(id, expiresAt)) return true;
        const kept = this.#kept.get(id);
        return kept !== undefined && (await super.create(id, { ...kept, expiresAt })) !== null;
      }
      override async delete(id: string): Promise<boolean> {
        this.#kept.delete(id);
        return super.delete(id);
      }
    },
  ),
  inMemory(
    '4.6',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        // Takes the expiry for a part of the revision.
        const current = await super.load(id);
        const touched = current && current.revision === base.revision && current.expiresAt > base.expiresAt;
        return super.update(id, touched ? { ...base, revision: base.revision + 2 ** 49 } : base, draft);
      }
    },
    { alsoBreaks: ['10.4'] },
  ),
  inMemory(
    '4.7',
    class extends MemoryStore {
      readonly #shown = new Map<string, number>();
      override async load(id: string): Promise<SessionRecord | null> {
        const record = await super.load(id);
        return record && { ...record, expiresAt: this.#shown.get(id) ?? record.expiresAt };
      }
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        const before = await this.load(id);
        const done = await super.touch(id, expiresAt);
        await pause();
        if (before && expiresAt > before.expiresAt) this.#shown.set(id, expiresAt);
        return done;
      }
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        if (result.status === 'updated') this.#shown.delete(id);
        return result;
      }
    },
  ),
];
