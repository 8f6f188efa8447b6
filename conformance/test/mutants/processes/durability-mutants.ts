import type { FrontResult, IdAndRecord, SessionDraft, SessionRecord, UpdateResult } from '@stet/core';
import type { StoreSettings } from '../../../src/index.ts';
import { ServedStore } from '../../fixtures/served-store.ts';
import { type Mutant, served } from '../mutant.ts';

/** Knows whether it was opened on data that another store had been closed on. */
class RestartedStore extends ServedStore {
  static readonly #closed = new Set<string>();
  readonly isRestarted: boolean;

  constructor(settings: StoreSettings) {
    super(settings);
    this.isRestarted = RestartedStore.#closed.has(settings.namespace);
  }

  override async close(): Promise<void> {
    await super.close();
    RestartedStore.#closed.add(this.settings.namespace);
  }
}

export const durabilityMutants: readonly Mutant[] = [
  served(
    '17.1',
    class Reverting extends RestartedStore {
      static readonly #bases = new Map<string, SessionRecord>();
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        if (result.status === 'updated' && !this.isRestarted) Reverting.#bases.set(id, base);
        return result;
      }
      override async load(id: string): Promise<SessionRecord | null> {
        const record = await super.load(id);
        return (this.isRestarted && record && Reverting.#bases.get(id)) || record;
      }
    },
  ),
  served(
    '17.2',
    class Shortening extends RestartedStore {
      static readonly #before = new Map<string, number>();
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        const before = this.isRestarted
          ? null
          : await this.ask<SessionRecord | null>('write', 'load', id).catch(() => null);
        const isTouched = await super.touch(id, expiresAt);
        // Writes a small step later, when it is closed, and forgets to.
        if (before && expiresAt - before.expiresAt < 120_000) Shortening.#before.set(id, before.expiresAt);
        return isTouched;
      }
      override async load(id: string): Promise<SessionRecord | null> {
        const record = await super.load(id);
        const expiresAt = this.isRestarted ? Shortening.#before.get(id) : undefined;
        return record && expiresAt !== undefined ? { ...record, expiresAt } : record;
      }
    },
  ),
  served(
    '17.3',
    class Undeleting extends RestartedStore {
      static readonly #deleted = new Map<string, SessionRecord>();
      override async delete(id: string): Promise<boolean> {
        const record = this.isRestarted
          ? null
          : await this.ask<SessionRecord | null>('write', 'load', id).catch(() => null);
        if (record) Undeleting.#deleted.set(id, record);
        return super.delete(id);
      }
      override async load(id: string): Promise<SessionRecord | null> {
        return (await super.load(id)) ?? (this.isRestarted ? (Undeleting.#deleted.get(id) ?? null) : null);
      }
    },
  ),
  served(
    '17.4',
    class extends RestartedStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const current = this.isRestarted ? await super.load(id) : null;
        return current ? { status: 'conflict', current } : super.update(id, base, draft);
      }
    },
  ),
  served(
    '17.5',
    class Forgetting extends RestartedStore {
      static readonly #moved = new Set<string>();
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        if (result.status === 'updated') Forgetting.#moved.add(id);
        return result;
      }
      override async bySubject(subject: string): Promise<IdAndRecord[]> {
        const found = await super.bySubject(subject);
        return this.isRestarted ? found.filter(([id]) => !Forgetting.#moved.has(id)) : found;
      }
    },
  ),
  served(
    '17.6',
    class extends RestartedStore {
      override async *entries(): AsyncGenerator<IdAndRecord> {
        let seen = 0;
        for await (const entry of super.entries()) {
          seen += 1;
          if (!this.isRestarted || seen <= 10) yield entry;
        }
      }
    },
  ),
  served(
    '17.7',
    class extends RestartedStore {
      override async deleteExpired(...args: Parameters<ServedStore['deleteExpired']>): Promise<number> {
        const deleted = await super.deleteExpired(...args);
        return this.isRestarted ? 0 : deleted;
      }
    },
  ),
  served(
    '17.8',
    class Counting extends RestartedStore {
      static readonly #given = new Set<string>();
      override async loadOrLease(id: string): Promise<FrontResult> {
        const result = await super.loadOrLease(id);
        if (result.status !== 'busy' && !this.isRestarted) Counting.#given.add(result.token);
        return result;
      }
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const next = await super.replaceIf(id, token, record);
        if (next !== null || !this.isRestarted || !Counting.#given.has(token) || !(await super.load(id))) return next;
        const hit = await super.loadOrLease(id);
        return hit.status === 'hit' ? super.replaceIf(id, hit.token, record) : null;
      }
    },
  ),
];
