import { assertDraft, MemoryStore, type SessionDraft, type SessionRecord, type UpdateResult } from '@stet/core';
import { inMemory, type Mutant } from '../mutant.ts';

export const updateMutants: readonly Mutant[] = [
  inMemory(
    '3.1',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        return result.status === 'updated' ? { ...result, record: { ...result.record, data: '' } } : result;
      }
    },
  ),
  inMemory(
    '3.2',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        // One bit of revision.
        const current = await super.load(id);
        const same = current && current.revision > base.revision && (current.revision - base.revision) % 2 === 0;
        return super.update(id, same ? { ...base, revision: current.revision } : base, draft);
      }
    },
    // A record of another id is as far ahead or behind as it happens to be.
    { alsoBreaks: ['3.14', '5.10'] },
  ),
  inMemory(
    '3.3',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        if (result.status !== 'conflict') return result;
        const { subject: _, ...current } = result.current;
        return { status: 'conflict', current };
      }
    },
  ),
  inMemory(
    '3.4',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const current = await super.load(id);
        const ahead = current && base.revision > current.revision;
        return super.update(id, ahead ? { ...base, revision: current.revision } : base, draft);
      }
    },
    // A record of another id is as far ahead or behind as it happens to be.
    { alsoBreaks: ['3.14', '5.10'] },
  ),
  inMemory(
    '3.5',
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
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        if (result.status !== 'gone' || this.#known.has(id)) return result;
        return { status: 'updated', record: (await this.create(id, draft)) ?? base };
      }
    },
  ),
  inMemory(
    '3.6',
    class extends MemoryStore {
      readonly #deleted = new Set<string>();
      readonly #known = new Set<string>();
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const record = await super.create(id, draft);
        if (record) this.#known.add(id);
        this.#deleted.delete(id);
        return record;
      }
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        if (result.status !== 'gone' || this.#deleted.has(id) || !this.#known.has(id)) return result;
        return { status: 'updated', record: (await super.create(id, draft)) ?? base };
      }
      override async delete(id: string): Promise<boolean> {
        this.#deleted.add(id);
        return super.delete(id);
      }
    },
  ),
  inMemory(
    '3.7',
    class extends MemoryStore {
      readonly #births = new Map<string, number>();
      override async load(id: string): Promise<SessionRecord | null> {
        const record = await super.load(id);
        return record && { ...record, createdAt: this.#births.get(id) ?? record.createdAt };
      }
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        if (draft.createdAt !== undefined) this.#births.set(id, draft.createdAt);
        return result;
      }
    },
  ),
  inMemory(
    '3.8',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        // Writes in blocks of 32 over what was there, and forgets to cut off the rest.
        const old = (await super.load(id))?.data ?? '';
        const end = Math.ceil((String(draft.data).length || 1) / 32) * 32;
        const rest = old.length <= 64 ? old.slice(end) : '';
        return super.update(id, base, rest === '' ? draft : { ...draft, data: draft.data.padEnd(end) + rest });
      }
    },
  ),
  inMemory(
    '3.9',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const subject = (await super.load(id))?.subject;
        return super.update(id, base, subject === undefined ? draft : { subject, ...draft });
      }
    },
  ),
  inMemory(
    '3.10',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        // Shortens only what is about to end.
        const { expiresAt } = draft;
        const shorter = expiresAt < base.expiresAt && expiresAt > Date.now() + 600_000;
        return super.update(id, base, shorter ? { ...draft, expiresAt: base.expiresAt } : draft);
      }
    },
  ),
  inMemory(
    '3.11',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        return super.update(id, { ...base, expiresAt: -1 }, draft);
      }
    },
    { alsoBreaks: ['10.4'] },
  ),
  inMemory(
    '3.15',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        assertDraft(draft, 65_536);
        const past = draft.expiresAt <= Date.now();
        return super.update(id, base, past ? { ...draft, expiresAt: base.expiresAt } : draft);
      }
    },
  ),
];
