import { setTimeout as delay } from 'node:timers/promises';
import {
  assertDraft,
  assertInstant,
  assertSessionId,
  type FrontResult,
  type SessionDraft,
  type SessionRecord,
  type UpdateResult,
} from '@stet/core';
import { ServedStore } from '../../fixtures/served-store.ts';
import { type Mutant, served } from '../mutant.ts';

/** What one process knows, whichever of its stores has learnt it. */
class KnowingStore extends ServedStore {
  keyOf(id: string): string {
    return this.settings.namespace + id;
  }
}

export const processRaceMutants: readonly Mutant[] = [
  served(
    '10.12',
    class Alone extends KnowingStore {
      static #last: Promise<unknown> = Promise.resolve();
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        assertSessionId(id);
        assertInstant(expiresAt, 'expiresAt');
        const mine = Alone.#last.then(() => this.#extend(id, expiresAt));
        Alone.#last = mine.catch(() => {});
        return mine;
      }
      // One touch after the other, within one process.
      async #extend(id: string, expiresAt: number): Promise<boolean> {
        const before = await this.ask<SessionRecord | null>('write', 'load', id);
        if (!before) return false;
        if (before.expiresAt >= expiresAt) return true;
        await delay(2);
        for (;;) {
          const hit = await super.loadOrLease(id);
          if (hit.status === 'leased') await super.delete(id);
          if (hit.status !== 'hit') return false;
          if (await super.replaceIf(id, hit.token, { ...hit.record, expiresAt })) return true;
        }
      }
    },
  ),
  served(
    '10.13',
    class Reviving extends KnowingStore {
      static readonly #deleted = new Set<string>();
      override async delete(id: string): Promise<boolean> {
        Reviving.#deleted.add(this.keyOf(id));
        return super.delete(id);
      }
      // Knows of the deletes of its own process alone.
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        assertSessionId(id);
        assertDraft(draft, 65_536);
        const before = await this.ask<SessionRecord | null>('write', 'load', id);
        await delay(20);
        const result = await super.update(id, base, draft);
        if (result.status !== 'gone' || !before || Reviving.#deleted.has(this.keyOf(id))) return result;
        const record = await super.create(id, draft);
        return record ? { status: 'updated', record } : result;
      }
    },
  ),
  served(
    '10.14',
    class Stealing extends KnowingStore {
      static readonly #given = new Set<string>();
      override async loadOrLease(id: string): Promise<FrontResult> {
        const result = await super.loadOrLease(id);
        if (result.status === 'leased') Stealing.#given.add(this.keyOf(id));
        if (result.status !== 'busy' || Stealing.#given.has(this.keyOf(id))) return result;
        Stealing.#given.add(this.keyOf(id));
        await super.delete(id);
        return super.loadOrLease(id);
      }
    },
  ),
  served(
    '10.15',
    class Insisting extends KnowingStore {
      static readonly #given = new Set<string>();
      override async loadOrLease(id: string): Promise<FrontResult> {
        const result = await super.loadOrLease(id);
        if (result.status !== 'busy') Insisting.#given.add(result.token);
        return result;
      }
      // A token from another process it takes for its own, in any case.
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const next = await super.replaceIf(id, token, record);
        if (next !== null) Insisting.#given.add(next);
        if (next !== null || Insisting.#given.has(token) || token.length !== 36) return next;
        const hit = await super.loadOrLease(id);
        return hit.status === 'hit' ? super.replaceIf(id, hit.token, record) : null;
      }
    },
  ),
];
