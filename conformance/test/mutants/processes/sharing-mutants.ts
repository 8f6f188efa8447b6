import { type OperationKind, type SessionDraft, type SessionRecord, StoreError, type UpdateResult } from '@stet/core';
import type { StoreSettings } from '../../../src/index.ts';
import { ServedStore } from '../../fixtures/served-store.ts';
import { type Mutant, served } from '../mutant.ts';

export const sharingMutants: readonly Mutant[] = [
  served(
    '2.4',
    class extends ServedStore {
      // What it has updated it believes to be there until it deletes it itself.
      readonly #mine = new Map<string, SessionRecord>();
      override async load(id: string): Promise<SessionRecord | null> {
        const mine = this.#mine.get(id);
        return (await super.load(id)) ?? (mine && mine.expiresAt > Date.now() ? mine : null);
      }
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        const result = await super.update(id, base, draft);
        if (result.status === 'updated') this.#mine.set(id, result.record);
        return result;
      }
      override async delete(id: string): Promise<boolean> {
        const deleted = await super.delete(id);
        this.#mine.delete(id);
        return deleted;
      }
    },
  ),
  served(
    '2.5',
    class Wiping extends ServedStore {
      // What was created by a store that is closed is gone for those that are opened after it.
      static readonly #ended = new Set<string>();
      readonly #created: string[] = [];
      readonly #hidden: ReadonlySet<string> = new Set(Wiping.#ended);
      override async load(id: string): Promise<SessionRecord | null> {
        return this.#hidden.has(id) ? null : super.load(id);
      }
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        const record = await super.create(id, draft);
        if (record) this.#created.push(id);
        return record;
      }
      override async close(): Promise<void> {
        await super.close();
        for (const id of this.#created) Wiping.#ended.add(id);
      }
    },
  ),
  served(
    '15.9',
    class extends ServedStore {
      readonly #mine = new Set<string>();
      override async loadOrLease(id: string): ReturnType<ServedStore['loadOrLease']> {
        const result = await super.loadOrLease(id);
        if (result.status !== 'busy') this.#mine.add(result.token);
        return result;
      }
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const next = await super.replaceIf(id, this.#mine.has(token) ? token : '', record);
        if (next !== null) this.#mine.add(next);
        return next;
      }
    },
  ),
  served(
    '16.5',
    class Tied extends ServedStore {
      static readonly #ended = new Set<string>();
      constructor(settings: StoreSettings) {
        super(settings);
        Tied.#ended.delete(settings.namespace);
      }
      protected override async ask<T>(kind: OperationKind, method: string, ...args: readonly unknown[]): Promise<T> {
        if (Tied.#ended.has(this.settings.namespace)) throw new StoreError('STORE_CLOSED', 'Another store was closed.');
        return super.ask(kind, method, ...args);
      }
      override async close(): Promise<void> {
        await super.close();
        Tied.#ended.add(this.settings.namespace);
      }
    },
  ),
];
