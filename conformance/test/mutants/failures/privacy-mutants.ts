import { channel } from 'node:diagnostics_channel';
import {
  isStoreError,
  MemoryStore,
  type SessionDraft,
  type SessionRecord,
  StoreError,
  type UpdateResult,
} from '@stet/core';
import { ServedStore } from '../../fixtures/served-store.ts';
import { inMemory, type Mutant, served } from '../mutant.ts';

const hits = channel('stet:tiered:hit');

export const privacyMutants: readonly Mutant[] = [
  inMemory(
    '11.14',
    class extends MemoryStore {
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        return super.create(id, draft).catch((error: unknown) => {
          throw error instanceof TypeError ? new TypeError(`${draft.subject} is no subject, perhaps.`) : error;
        });
      }
    },
  ),
  inMemory(
    '11.14',
    class extends MemoryStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        return super.update(id, base, draft).catch((error: unknown) => {
          const sql = { text: 'UPDATE sessions SET data = ?', values: [Buffer.from(String(draft.data))] };
          if (isStoreError(error)) Object.defineProperty(error, Symbol('query'), { value: sql, enumerable: false });
          throw error;
        });
      }
    },
  ),
  inMemory(
    '11.15',
    class extends MemoryStore {
      override async load(id: string): Promise<SessionRecord | null> {
        const record = await super.load(id);
        if (record) hits.publish({ id, record });
        return record;
      }
    },
  ),
];

/** Throws what a driver threw, as it is. */
function careless(
  code: 'STORE_UNAVAILABLE' | 'STORE_CORRUPT_RECORD',
  wrap: (args: readonly unknown[]) => Error,
): typeof ServedStore {
  return class extends ServedStore {
    protected override async ask<T>(kind: 'read' | 'write', method: string, ...args: readonly unknown[]): Promise<T> {
      return super.ask<T>(kind, method, ...args).catch((error: unknown) => {
        if (!isStoreError(error) || error.code !== code || args.length === 0) throw error;
        throw Object.defineProperty(new StoreError(code, 'It failed.'), 'cause', { value: wrap(args) });
      });
    }
  };
}

export const servedPrivacyMutants: readonly Mutant[] = [
  served(
    '11.14',
    careless(
      'STORE_UNAVAILABLE',
      (args) => new AggregateError([Object.assign(new Error('refused'), { command: { args } })]),
    ),
  ),
  served(
    '11.14',
    careless(
      'STORE_CORRUPT_RECORD',
      ([id]) => new Error('Unexpected token', { cause: `no record at ${String(id).slice(0, 20)}` }),
    ),
  ),
  served(
    '11.25',
    class extends ServedStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        return super.update(id, base, draft).catch(async (error: unknown) => {
          if (!isStoreError(error) || error.code !== 'STORE_CORRUPT_RECORD') throw error;
          return { status: 'updated', record: { ...base, ...draft, revision: base.revision + 1 } };
        });
      }
    },
  ),
];
