import { randomUUID } from 'node:crypto';
import { type FrontResult, MemoryStore, type SessionDraft, type SessionRecord, type UpdateResult } from '@stet/core';
import { inMemory, type Mutant, pause } from '../mutant.ts';

/** Lets tokens that should have been cancelled stand. */
class ForgivingStore extends MemoryStore {
  readonly #forgiven = new Set<string>();
  /** Makes the token that stands now stand for good. */
  async forgive(id: string): Promise<void> {
    if (!(await super.load(id))) return;
    const result = await super.loadOrLease(id);
    if (result.status === 'hit') this.#forgiven.add(`${id} ${result.token}`);
  }
  override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
    const next = await super.replaceIf(id, token, record);
    if (next !== null || !this.#forgiven.has(`${id} ${token}`) || !(await super.load(id))) return next;
    const result = await super.loadOrLease(id);
    return result.status === 'hit' ? super.replaceIf(id, result.token, record) : null;
  }
}

export const tokenMutants: readonly Mutant[] = [
  inMemory(
    '15.11',
    class extends MemoryStore {
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        return (await super.replaceIf(id, token, record)) && randomUUID();
      }
    },
  ),
  inMemory(
    '15.12',
    class extends ForgivingStore {
      readonly #spent = new Map<string, string>();
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const next = await super.replaceIf(id, this.#spent.get(id + token) ?? token, record);
        await pause();
        if (next !== null) this.#spent.set(id + token, next);
        return next;
      }
    },
  ),
  inMemory(
    '15.13',
    class extends MemoryStore {
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const before = (await super.load(id)) && (await super.loadOrLease(id));
        await pause();
        const stood = before?.status === 'hit' && before.token === token;
        const now = stood && (await super.load(id)) ? await super.loadOrLease(id) : undefined;
        return super.replaceIf(id, now?.status === 'hit' ? now.token : token, record);
      }
    },
  ),
  inMemory(
    '15.14',
    class extends ForgivingStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        await this.forgive(id);
        return super.update(id, base, draft);
      }
    },
  ),
  inMemory(
    '15.15',
    class extends ForgivingStore {
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        await this.forgive(id);
        return super.touch(id, expiresAt);
      }
    },
  ),
  inMemory(
    '15.16',
    class extends ForgivingStore {
      override async delete(id: string): Promise<boolean> {
        await this.forgive(id);
        return super.delete(id);
      }
    },
  ),
  inMemory(
    '15.17',
    class extends MemoryStore {
      readonly #hits = new Map<string, string>();
      override async loadOrLease(id: string): Promise<FrontResult> {
        const result = await super.loadOrLease(id);
        if (result.status === 'hit' && result.record.expiresAt < Date.now() + 60_000) this.#hits.set(id, result.token);
        return result;
      }
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const next = await super.replaceIf(id, token, record);
        if (next !== null || this.#hits.get(id) !== token) return next;
        return (await super.create(id, record)) && randomUUID();
      }
    },
  ),
  inMemory(
    '15.18',
    class extends MemoryStore {
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const next = await super.replaceIf(id, token, record);
        if (next !== null || token !== '' || !(await super.load(id))) return next;
        const result = await super.loadOrLease(id);
        return result.status === 'hit' ? super.replaceIf(id, result.token, record) : null;
      }
    },
  ),
  inMemory(
    '15.19',
    class extends MemoryStore {
      // Numbers its leases from 0 to 9, over and over.
      readonly #tokens = new Map<string, string>();
      #count = 0;
      override async loadOrLease(id: string): Promise<FrontResult> {
        const result = await super.loadOrLease(id);
        if (result.status !== 'leased') return result;
        const token = `lease ${this.#count++ % 10}`;
        this.#tokens.set(`${id} ${token}`, result.token);
        return { status: 'leased', token };
      }
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        return super.replaceIf(id, this.#tokens.get(`${id} ${token}`) ?? token, record);
      }
    },
  ),
  inMemory(
    '15.20',
    class extends MemoryStore {
      override async loadOrLease(id: string): Promise<FrontResult> {
        const result = await super.loadOrLease(id);
        if (result.status !== 'hit') return result;
        const token = await super.replaceIf(id, result.token, result.record);
        return token === null ? result : { ...result, token };
      }
    },
  ),
  inMemory(
    '15.22',
    class extends MemoryStore {
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        return super.replaceIf(id, token, { ...record, data: record.data.slice(0, 65_536) });
      }
    },
  ),
];
