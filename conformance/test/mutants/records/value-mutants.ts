import {
  assertDraft,
  MemoryStore,
  type MemoryStoreOptions,
  type SessionDraft,
  type SessionRecord,
  StoreError,
  type UpdateResult,
} from '@stet/core';
import { inMemory, type Mutant } from '../mutant.ts';

const maxDataBytes = 65_536;

/** Changes every draft before it is created. */
function changing(breaks: string, change: (draft: SessionDraft) => SessionDraft): Mutant {
  return inMemory(
    breaks,
    class extends MemoryStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        return super.create(id, change(draft));
      }
    },
  );
}

/** Changes the data of every draft before it is created, where it is text at all. */
function changingData(breaks: string, change: (data: string) => string): Mutant {
  return changing(breaks, (draft) => (typeof draft.data === 'string' ? { ...draft, data: change(draft.data) } : draft));
}

export const valueMutants: readonly Mutant[] = [
  changingData('7.1', (data) => data.replaceAll('\\\\', '\\')),
  changingData('7.2', (data) => (data.isWellFormed() ? data.normalize() : data)),
  changingData('7.3', (data) => data || '{}'),
  changing('7.4', (draft) => {
    if (Buffer.byteLength(draft.data ?? '') !== maxDataBytes) return draft;
    throw new StoreError('STORE_TOO_LARGE', 'One byte is kept back.');
  }),
  changingData('7.5', (data) => (data.length > maxDataBytes ? data.slice(0, maxDataBytes) : data)),
  inMemory(
    '7.6',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        if (Buffer.byteLength(String(draft.data)) > maxDataBytes) await super.delete(id);
        return super.update(id, base, draft);
      }
    },
  ),
  changingData('7.7', (data) => data.toWellFormed()),
  changing('7.8', (draft) => (Number.isNaN(draft.expiresAt) ? { ...draft, expiresAt: Date.now() + 60_000 } : draft)),
  inMemory(
    '7.9',
    class extends MemoryStore {
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        return super.touch(id, Number.isFinite(expiresAt) ? expiresAt : 0);
      }
    },
  ),
  changing('7.10', (draft) => {
    return String(draft.subject).length > 255 ? { ...draft, subject: String(draft.subject).slice(0, 255) } : draft;
  }),
  inMemory(
    '7.11',
    class extends MemoryStore {
      override async load(id: string): Promise<SessionRecord | null> {
        const record = await super.load(id);
        return record?.subject === undefined ? record : { ...record, subject: record.subject.trim() };
      }
    },
  ),
  inMemory(
    '7.12',
    class extends MemoryStore {
      readonly #drafts = new Map<string, SessionDraft>();
      override async load(id: string): Promise<SessionRecord | null> {
        const record = await super.load(id);
        return record && { ...record, data: this.#drafts.get(id)?.data ?? record.data };
      }
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const record = await super.create(id, draft);
        if (record) this.#drafts.set(id, draft);
        return record;
      }
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        if (result.status === 'updated') this.#drafts.delete(id);
        return result;
      }
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const next = await super.replaceIf(id, token, record);
        if (next !== null) this.#drafts.delete(id);
        return next;
      }
    },
  ),
  inMemory(
    '7.13',
    class extends MemoryStore {
      readonly #given = new WeakMap<SessionRecord, SessionRecord>();
      override async load(id: string): Promise<SessionRecord | null> {
        const record = await super.load(id);
        if (!record) return null;
        const given = this.#given.get(record) ?? { ...record };
        this.#given.set(record, given);
        return given;
      }
    },
  ),
  inMemory(
    '7.13',
    class extends MemoryStore {
      readonly #given = new WeakMap<SessionRecord, SessionRecord>();
      override async load(id: string): Promise<SessionRecord | null> {
        const record = await super.load(id);
        return record && { ...record, data: this.#given.get(record)?.data ?? record.data };
      }
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        if (result.status !== 'conflict') return result;
        const current = { ...result.current };
        this.#given.set(result.current, current);
        return { status: 'conflict', current };
      }
    },
  ),
  inMemory(
    '11.11',
    class extends MemoryStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        if (Buffer.byteLength(String(draft.data)) > maxDataBytes) {
          throw new StoreError('STORE_TOO_LARGE', 'Perhaps there is room tomorrow.', { retryable: true });
        }
        assertDraft(draft, maxDataBytes);
        return super.create(id, draft);
      }
    },
  ),
  inMemory(
    '7.14',
    class extends MemoryStore {
      readonly #clock: () => number;
      constructor(options: MemoryStoreOptions) {
        super(options);
        this.#clock = options.now ?? Date.now;
      }
      protected override now(): number {
        return this.#clock();
      }
    },
  ),
];
