import { randomUUID } from 'node:crypto';
import {
  type FrontResult,
  isSessionId,
  MemoryStore,
  type SessionDraft,
  type SessionRecord,
  type StoreCapabilities,
} from '@stet/core';
import { target } from '../../fixtures/memory-target.ts';
import { inMemory, type Mutant } from '../mutant.ts';

/** Knows which leases are held. */
class LeaseKnowingStore extends MemoryStore {
  readonly leases: Map<string, string> = new Map();
  override async loadOrLease(id: string): Promise<FrontResult> {
    const result = await super.loadOrLease(id);
    if (result.status === 'leased') this.leases.set(id, result.token);
    return result;
  }
  override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
    const next = await super.replaceIf(id, token, record);
    if (next !== null) this.leases.delete(id);
    return next;
  }
  override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
    const record = await super.create(id, draft);
    this.leases.delete(id);
    return record;
  }
  override async delete(id: string): Promise<boolean> {
    const deleted = await super.delete(id);
    this.leases.delete(id);
    return deleted;
  }
}

export const frontMutants: readonly Mutant[] = [
  inMemory(
    '15.1',
    class extends MemoryStore {
      override async loadOrLease(id: string): Promise<FrontResult> {
        const result = await super.loadOrLease(id);
        return result.status === 'hit' ? { ...result, storedAt: Math.floor(result.storedAt / 1_000) } : result;
      }
    },
  ),
  inMemory(
    '15.2',
    class extends MemoryStore {
      readonly #asking = new Map<string, number>();
      override async loadOrLease(id: string): Promise<FrontResult> {
        this.#asking.set(id, (this.#asking.get(id) ?? 0) + 1);
        const result = await super.loadOrLease(id);
        const together = (this.#asking.get(id) ?? 0) > 1;
        queueMicrotask(() => this.#asking.delete(id));
        return result.status === 'busy' && together ? { status: 'leased', token: randomUUID() } : result;
      }
    },
  ),
  inMemory(
    '15.3',
    class extends MemoryStore {
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const { subject: _, ...rest } = record;
        return super.replaceIf(id, token, rest);
      }
    },
  ),
  inMemory(
    '15.4',
    class extends LeaseKnowingStore {
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        return (await super.touch(id, expiresAt)) || this.leases.has(id);
      }
    },
  ),
  inMemory(
    '15.5',
    class extends LeaseKnowingStore {
      override async *entries(): ReturnType<MemoryStore['entries']> {
        yield* super.entries();
        for (const id of this.leases.keys()) yield [id, { data: '', expiresAt: 0, revision: 0, createdAt: 0 }];
      }
    },
  ),
  inMemory(
    '15.6',
    class extends LeaseKnowingStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        return this.leases.has(id) ? null : super.create(id, draft);
      }
    },
  ),
  inMemory(
    '15.7',
    class extends LeaseKnowingStore {
      override async delete(id: string): Promise<boolean> {
        return this.leases.has(id) ? false : super.delete(id);
      }
    },
  ),
  inMemory(
    '15.8',
    class extends MemoryStore {
      readonly #first = new Map<string, string>();
      override async loadOrLease(id: string): Promise<FrontResult> {
        const result = await super.loadOrLease(id);
        if (result.status === 'leased' && !this.#first.has(id)) this.#first.set(id, result.token);
        return result;
      }
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const next = await super.replaceIf(id, token, record);
        if (next !== null || this.#first.get(id) !== token) return next;
        return (await super.create(id, record)) && randomUUID();
      }
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        this.#first.delete(id);
        return super.create(id, draft);
      }
      override async delete(id: string): Promise<boolean> {
        this.#first.delete(id);
        return super.delete(id);
      }
    },
  ),
  inMemory(
    '15.10',
    class extends MemoryStore {
      override readonly capabilities: StoreCapabilities = { ...target.capabilities, leasable: false };
    },
    { capabilities: { leasable: false } },
  ),
  inMemory(
    '15.21',
    class extends MemoryStore {
      override async loadOrLease(id: string): Promise<FrontResult> {
        return isSessionId(id) ? super.loadOrLease(id) : { status: 'busy' };
      }
    },
  ),
];
