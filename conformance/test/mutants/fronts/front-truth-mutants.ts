import {
  type FrontResult,
  type IdAndRecord,
  isStoreError,
  MemoryStore,
  type SessionDraft,
  type SessionRecord,
  type UpdateResult,
} from '@stet/core';
import { ServedStore } from '../../fixtures/served-store.ts';
import { inMemory, type Mutant, served } from '../mutant.ts';

export const frontTruthMutants: readonly Mutant[] = [
  inMemory(
    '15.27',
    class extends MemoryStore {
      readonly #updated = new Map<string, number>();
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const before = (await super.load(id)) && (await super.loadOrLease(id));
        const result = await super.update(id, base, draft);
        if (result.status === 'updated' && before?.status === 'hit') this.#updated.set(id, before.storedAt);
        return result;
      }
      override async loadOrLease(id: string): Promise<FrontResult> {
        const result = await super.loadOrLease(id);
        const storedAt = this.#updated.get(id);
        return result.status === 'hit' && storedAt !== undefined ? { ...result, storedAt } : result;
      }
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const next = await super.replaceIf(id, token, record);
        if (next !== null) this.#updated.delete(id);
        return next;
      }
    },
  ),
  inMemory(
    '15.28',
    class extends MemoryStore {
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const before = record?.data === undefined ? null : await super.load(id);
        const isNamed = before?.subject !== undefined && record.subject === undefined;
        return super.replaceIf(id, token, isNamed ? { ...record, subject: String(before.subject) } : record);
      }
    },
  ),
  inMemory(
    '15.29',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const current = await super.load(id);
        if (current && base?.revision > 2 ** 52) return { status: 'conflict', current };
        return super.update(id, base, draft);
      }
    },
  ),
  inMemory(
    '15.30',
    class extends MemoryStore {
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const hasEnded = record?.expiresAt <= Date.now();
        return super.replaceIf(id, token, hasEnded ? { ...record, expiresAt: Date.now() + 60_000 } : record);
      }
    },
  ),
  inMemory(
    '15.31',
    class extends MemoryStore {
      readonly #leases = new Map<string, string>();
      readonly #overtaken = new Map<string, string>();
      override async loadOrLease(id: string): Promise<FrontResult> {
        const result = await super.loadOrLease(id);
        if (result.status === 'leased') this.#leases.set(id, result.token);
        return result;
      }
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const record = await super.create(id, draft);
        const lease = this.#leases.get(id);
        if (record && lease !== undefined) this.#overtaken.set(id, lease);
        return record;
      }
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const next = await super.replaceIf(id, token, record);
        if (next !== null || this.#overtaken.get(id) !== token || (await super.load(id))) return next;
        const lease = await super.loadOrLease(id);
        return lease.status === 'leased' ? super.replaceIf(id, lease.token, record) : null;
      }
    },
  ),
  inMemory(
    '15.33',
    class extends MemoryStore {
      readonly #filled = new Set<string>();
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const wasThere = record?.data === undefined || (await super.load(id)) !== null;
        const next = await super.replaceIf(id, token, record);
        if (next !== null && !wasThere) this.#filled.add(id);
        return next;
      }
      override async *entries(): AsyncGenerator<IdAndRecord> {
        for await (const entry of super.entries()) if (!this.#filled.has(entry[0])) yield entry;
      }
    },
  ),
];

export const servedFrontTruthMutants: readonly Mutant[] = [
  served(
    '15.32',
    class extends ServedStore {
      override async loadOrLease(id: string): Promise<FrontResult> {
        return super.loadOrLease(id).catch((error: unknown) => {
          if (isStoreError(error) && error.code === 'STORE_CORRUPT_RECORD') return { status: 'busy' };
          throw error;
        });
      }
    },
  ),
];
