import { assertDraft, MemoryStore, type SessionDraft, type SessionRecord, type UpdateResult } from '@stet/core';
import { inMemory, type Mutant } from '../mutant.ts';
import { RememberingStore } from '../remembering-store.ts';

export const expiryMutants: readonly Mutant[] = [
  inMemory(
    '6.1',
    class extends MemoryStore {
      override async load(id: string): Promise<SessionRecord | null> {
        // A backend that counts in whole seconds, and rounds down.
        const record = await super.load(id);
        return record && Math.floor(record.expiresAt / 1_000) * 1_000 <= Date.now() ? null : record;
      }
    },
    // All of these look at a record that lives for less than a second.
    { alsoBreaks: ['2.3', '6.5', '6.6', '13.3', '14.6', '15.17'] },
  ),
  inMemory(
    '6.2',
    class extends MemoryStore {
      // An entry that nobody has looked at twice is not checked.
      readonly #unchecked = new Map<string, SessionRecord>();
      readonly #loads = new Map<string, number>();
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const record = await super.create(id, draft);
        if (record && record.expiresAt > Date.now()) this.#unchecked.set(id, record);
        return record;
      }
      override async load(id: string): Promise<SessionRecord | null> {
        const record = await super.load(id);
        const loads = (this.#loads.get(id) ?? 0) + 1;
        this.#loads.set(id, loads);
        if (record && loads > 1) this.#unchecked.delete(id);
        return record ?? this.#unchecked.get(id) ?? null;
      }
      override async loadOrLease(id: string): ReturnType<MemoryStore['loadOrLease']> {
        this.#unchecked.delete(id);
        return super.loadOrLease(id);
      }
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        this.#unchecked.delete(id);
        return super.update(id, base, draft);
      }
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        this.#unchecked.delete(id);
        return super.touch(id, expiresAt);
      }
      override async delete(id: string): Promise<boolean> {
        this.#unchecked.delete(id);
        return super.delete(id);
      }
    },
  ),
  inMemory(
    '6.3',
    class extends MemoryStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        assertDraft(draft, 65_536);
        // Whole seconds for what lives longer than a few.
        const long = draft.expiresAt > Date.now() + 10_000;
        return super.create(id, long ? { ...draft, expiresAt: Math.ceil(draft.expiresAt / 1_000) * 1_000 } : draft);
      }
    },
  ),
  inMemory(
    '6.4',
    class extends MemoryStore {
      override async load(id: string): Promise<SessionRecord | null> {
        const record = await super.load(id);
        return record && record.expiresAt > Date.now() + 2_592_000_000 ? null : record;
      }
    },
  ),
  inMemory(
    '6.5',
    class extends RememberingStore {
      readonly #touched = new Set<string>();
      override async load(id: string): Promise<SessionRecord | null> {
        const ended = this.#touched.has(id) && (this.created.get(id)?.expiresAt ?? 0) <= Date.now();
        return ended ? null : super.load(id);
      }
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        const done = await super.touch(id, expiresAt);
        if (done) this.#touched.add(id);
        return done;
      }
    },
  ),
  inMemory(
    '6.6',
    class extends RememberingStore {
      readonly #updated = new Set<string>();
      override async load(id: string): Promise<SessionRecord | null> {
        const ended = this.#updated.has(id) && (this.created.get(id)?.expiresAt ?? 0) <= Date.now();
        return ended ? null : super.load(id);
      }
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        if (result.status === 'updated') this.#updated.add(id);
        return result;
      }
    },
  ),
  inMemory(
    '6.7',
    class extends MemoryStore {
      readonly #shortened = new Map<string, SessionRecord>();
      override async load(id: string): Promise<SessionRecord | null> {
        return (await super.load(id)) ?? this.#shortened.get(id) ?? null;
      }
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        const shorter = draft.expiresAt < base.expiresAt && draft.expiresAt > Date.now();
        if (result.status === 'updated' && shorter) this.#shortened.set(id, result.record);
        return result;
      }
      override async delete(id: string): Promise<boolean> {
        this.#shortened.delete(id);
        return super.delete(id);
      }
    },
  ),
];
