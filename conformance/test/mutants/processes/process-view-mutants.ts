import type { FrontResult, IdAndRecord, SessionDraft, SessionRecord } from '@stet/core';
import { ServedStore } from '../../fixtures/served-store.ts';
import { type Mutant, served } from '../mutant.ts';

const isSecondProcess = process.argv[1]?.includes('second-process') === true;

/** Knows what the stores of its process have made. The second process believes that it has made everything. */
class LocalStore extends ServedStore {
  static readonly #made = new Set<string>();

  override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
    const record = await super.create(id, draft);
    if (record) LocalStore.#made.add(this.settings.namespace + id);
    return record;
  }

  override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
    const next = await super.replaceIf(id, token, record);
    if (next !== null) LocalStore.#made.add(this.settings.namespace + id);
    return next;
  }

  hasMade(id: string): boolean {
    return isSecondProcess || LocalStore.#made.has(this.settings.namespace + id);
  }

  madeCount(): number {
    if (isSecondProcess) return Number.POSITIVE_INFINITY;
    return Array.from(LocalStore.#made).filter((key) => key.startsWith(this.settings.namespace)).length;
  }
}

export const processViewMutants: readonly Mutant[] = [
  served(
    '10.16',
    class Negative extends ServedStore {
      static readonly #missing = new Set<string>();
      override async load(id: string): Promise<SessionRecord | null> {
        const record = await super.load(id);
        const key = this.settings.namespace + id;
        if (Negative.#missing.has(key)) return null;
        if (!record) Negative.#missing.add(key);
        return record;
      }
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const record = await super.create(id, draft);
        Negative.#missing.delete(this.settings.namespace + id);
        return record;
      }
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const next = await super.replaceIf(id, token, record);
        Negative.#missing.delete(this.settings.namespace + id);
        return next;
      }
    },
  ),
  served(
    '10.17',
    class extends LocalStore {
      override async delete(id: string): Promise<boolean> {
        return (await super.delete(id)) && this.hasMade(id);
      }
    },
  ),
  served(
    '10.18',
    class extends LocalStore {
      override async *entries(): AsyncGenerator<IdAndRecord> {
        for await (const entry of super.entries()) if (this.hasMade(entry[0])) yield entry;
      }
    },
  ),
  served(
    '10.19',
    class extends LocalStore {
      override async bySubject(subject: string): Promise<IdAndRecord[]> {
        return (await super.bySubject(subject)).filter(([id]) => this.hasMade(id));
      }
    },
  ),
  served(
    '10.20',
    class extends LocalStore {
      override async deleteExpired(...args: Parameters<ServedStore['deleteExpired']>): Promise<number> {
        return Math.min(await super.deleteExpired(...args), this.madeCount());
      }
    },
  ),
  served(
    '10.21',
    class Unaware extends LocalStore {
      static readonly #given = new Set<string>();
      static readonly #written = new Set<string>();
      override async loadOrLease(id: string): Promise<FrontResult> {
        const result = await super.loadOrLease(id);
        if (result.status === 'hit' && this.hasMade(id)) Unaware.#given.add(result.token);
        return result;
      }
      protected override async ask<T>(kind: 'read' | 'write', method: string, ...args: readonly unknown[]): Promise<T> {
        if (['update', 'touch', 'delete', 'replaceIf'].includes(method)) Unaware.#written.add(String(args[0]));
        return super.ask(kind, method, ...args);
      }
      // A token that it gave stands, unless its own process has written to the record since.
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const wasWritten = Unaware.#written.has(id);
        const next = await super.replaceIf(id, token, record);
        if (next !== null || wasWritten || !Unaware.#given.has(token)) return next;
        if (!(await super.load(id))) return null;
        const hit = await super.loadOrLease(id);
        return hit.status === 'hit' ? super.replaceIf(id, hit.token, record) : null;
      }
    },
  ),
];
