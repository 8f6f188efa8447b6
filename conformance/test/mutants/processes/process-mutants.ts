import { setTimeout as delay } from 'node:timers/promises';
import { assertDraft, assertSessionId, type SessionDraft, type SessionRecord, type UpdateResult } from '@stet/core';
import { ServedStore } from '../../fixtures/served-store.ts';
import { type Mutant, served } from '../mutant.ts';

/** Does its writes one after the other, within its own process. */
class LockingStore extends ServedStore {
  static #last: Promise<unknown> = Promise.resolve();
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = LockingStore.#last.then(work);
    LockingStore.#last = mine.catch(() => {});
    return mine;
  }
}

export const processMutants: readonly Mutant[] = [
  served(
    '10.6',
    class extends LockingStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        assertSessionId(id);
        assertDraft(draft, 65_536);
        return this.alone(async () => {
          if (await this.ask('write', 'load', id)) return null;
          await delay(1);
          await super.delete(id);
          return super.create(id, draft);
        });
      }
    },
  ),
  served(
    '10.7',
    class extends LockingStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        assertSessionId(id);
        assertDraft(draft, 65_536);
        return this.alone(async () => {
          const current = await this.ask<SessionRecord | null>('write', 'load', id);
          // Takes care with numbers only.
          const careful = Number.isInteger(Number(draft.data)) || current?.revision !== base.revision;
          if (careful) return super.update(id, base, draft);
          for (;;) {
            const newest = await this.ask<SessionRecord | null>('write', 'load', id);
            const { expiresAt } = base;
            const result = newest && (await super.update(id, { ...newest, expiresAt }, draft));
            if (result?.status !== 'conflict') return result ?? { status: 'gone' };
          }
        });
      }
    },
  ),
  served(
    '10.8',
    class Narrow extends LockingStore {
      // From the tenth revision on it goes by what its own process knows.
      static readonly #known = new Map<string, number>();
      static readonly #first = new Map<string, number>();
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        return this.alone(async () => {
          const first = Narrow.#first.get(id) ?? base.revision;
          Narrow.#first.set(id, first);
          const trusted = base.revision >= first + 9 && (Narrow.#known.get(id) ?? 0) <= base.revision;
          const newest = trusted ? ((await super.load(id)) ?? base) : base;
          const result = await super.update(id, { ...base, revision: newest.revision }, draft);
          if (result.status === 'updated') Narrow.#known.set(id, result.record.revision);
          return result;
        });
      }
    },
  ),
  served(
    '10.9',
    class extends LockingStore {
      override async delete(id: string): Promise<boolean> {
        assertSessionId(id);
        return this.alone(async () => {
          const wasThere = (await this.ask('write', 'load', id)) !== null;
          await delay(1);
          await super.delete(id);
          return wasThere;
        });
      }
    },
  ),
  served(
    '10.10',
    class Remembering extends ServedStore {
      // What this process has created it believes to be there until it deletes it itself.
      static readonly #mine = new Map<string, SessionRecord>();
      override async load(id: string): Promise<SessionRecord | null> {
        const mine = Remembering.#mine.get(this.settings.namespace + id);
        return (await super.load(id)) ?? (mine && mine.expiresAt > Date.now() ? mine : null);
      }
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const record = await super.create(id, draft);
        if (record) Remembering.#mine.set(this.settings.namespace + id, record);
        return record;
      }
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        const key = this.settings.namespace + id;
        if (result.status === 'updated' && Remembering.#mine.has(key)) Remembering.#mine.set(key, result.record);
        return result;
      }
      override async delete(id: string): Promise<boolean> {
        Remembering.#mine.delete(this.settings.namespace + id);
        return super.delete(id);
      }
    },
  ),
  served(
    '13.8',
    class extends ServedStore {
      readonly #note = 'f'.repeat(64);
      override async deleteExpired(options?: { limit?: number; signal?: AbortSignal }): Promise<number> {
        const deleted = await super.deleteExpired(options);
        if (deleted > 0) {
          await super.create(this.#note, { data: `${process.pid} ${deleted}`, expiresAt: Date.now() + 60_000 });
          return deleted;
        }
        // What another process has swept at the same time it counts as well.
        await delay(50);
        const [pid, count] = ((await super.load(this.#note))?.data ?? `${process.pid} 0`).split(' ');
        return Number(pid) === process.pid ? 0 : Number(count);
      }
    },
  ),
];
