import { randomUUID } from 'node:crypto';
import {
  isStoreError,
  type OperationKind,
  type SessionDraft,
  type SessionRecord,
  StoreError,
  type UpdateResult,
} from '@stet/core';
import type { StoreSettings } from '../../../src/index.ts';
import type { Request } from '../../fixtures/memory-server.ts';
import { ServedStore } from '../../fixtures/served-store.ts';
import { type Mutant, served } from '../mutant.ts';

function hasCode(error: unknown, code: string): boolean {
  return isStoreError(error) && error.code === code;
}

/** Sends the commands of one kind again as if they were new ones. */
function forgetful(method: string): new (settings: StoreSettings) => ServedStore {
  return class extends ServedStore {
    protected override again(request: Request): Request {
      return request.method === method ? { ...request, nonce: randomUUID() } : request;
    }
  };
}

export const lostReplyMutants: readonly Mutant[] = [
  served('1.9', forgetful('create')),
  served('3.16', forgetful('update')),
  served('5.8', forgetful('delete')),
];

export const failureMutants: readonly Mutant[] = [
  served(
    '11.1',
    class extends ServedStore {
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        return super.touch(id, expiresAt).catch((error: unknown) => {
          if (hasCode(error, 'STORE_UNAVAILABLE')) return false;
          throw error;
        });
      }
    },
  ),
  served(
    '11.2',
    class extends ServedStore {
      override async delete(id: string): Promise<boolean> {
        return super.delete(id).catch((error: unknown) => {
          if (hasCode(error, 'STORE_UNAVAILABLE')) throw new StoreError('STORE_UNAVAILABLE', 'It is down.');
          throw error;
        });
      }
    },
  ),
  served(
    '11.3',
    class Postponing extends ServedStore {
      static readonly #late = new Map<string, () => Promise<unknown>>();
      override async load(id: string): Promise<SessionRecord | null> {
        const update = Postponing.#late.get(id);
        Postponing.#late.delete(id);
        await update?.();
        return super.load(id);
      }
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        return super.update(id, base, draft).catch((error: unknown) => {
          if (!hasCode(error, 'STORE_UNAVAILABLE') && !hasCode(error, 'STORE_AMBIGUOUS')) throw error;
          Postponing.#late.set(id, () => super.update(id, base, draft));
          throw new StoreError('STORE_UNAVAILABLE', 'It is down.', { cause: error });
        });
      }
    },
  ),
  served(
    '11.4',
    class extends ServedStore {
      #broken: unknown;
      protected override async ask<T>(kind: OperationKind, method: string, ...args: readonly unknown[]): Promise<T> {
        if (this.#broken) throw this.#broken;
        return super.ask<T>(kind, method, ...args).catch((error: unknown) => {
          if (hasCode(error, 'STORE_UNAVAILABLE')) this.#broken = error;
          throw error;
        });
      }
    },
  ),
  served(
    '11.5',
    class extends ServedStore {
      override async load(id: string): Promise<SessionRecord | null> {
        await this.ask('read', 'load', '0'.repeat(64));
        return super.load(id);
      }
    },
  ),
  served(
    '11.6',
    class extends ServedStore {
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        return super.touch(id, expiresAt).catch((error: unknown) => {
          return hasCode(error, 'STORE_AMBIGUOUS') ? new Promise<never>(() => {}) : Promise.reject(error);
        });
      }
    },
  ),
  served(
    '11.7',
    class extends ServedStore {
      override async load(id: string): Promise<SessionRecord | null> {
        return super.load(id).catch((error: unknown) => {
          if (hasCode(error, 'STORE_TIMEOUT')) return null;
          throw error;
        });
      }
    },
  ),
  served(
    '11.8',
    class extends ServedStore {
      override async load(id: string): Promise<SessionRecord | null> {
        return super.load(id).catch((error: unknown) => {
          if (hasCode(error, 'STORE_CORRUPT_RECORD')) return null;
          throw error;
        });
      }
    },
  ),
  served(
    '11.9',
    class extends ServedStore {
      readonly #cleared = new Set<string>();
      override async load(id: string): Promise<SessionRecord | null> {
        if (this.#cleared.has(id)) return null;
        return super.load(id).catch((error: unknown) => {
          if (hasCode(error, 'STORE_CORRUPT_RECORD')) this.#cleared.add(id);
          throw error;
        });
      }
    },
  ),
  served(
    '11.10',
    class extends ServedStore {
      override async touch(id: string, expiresAt: number): Promise<boolean> {
        return super.touch(id, expiresAt).catch((error: unknown) => {
          if (hasCode(error, 'STORE_CORRUPT_RECORD')) return false;
          throw error;
        });
      }
    },
  ),
  served(
    '11.12',
    class extends ServedStore {
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        return super.update(id, base, draft).catch((error: unknown) => {
          if (!hasCode(error, 'STORE_AMBIGUOUS')) throw error;
          throw new StoreError('STORE_AMBIGUOUS', 'Try again.', { cause: error, retryable: true });
        });
      }
    },
  ),
  served(
    '12.8',
    class extends ServedStore {
      override async *entries(): ReturnType<ServedStore['entries']> {
        for (const id of await this.ask<string[]>('read', 'ids')) {
          const record = await this.load(id);
          if (record) yield [id, record];
        }
      }
    },
  ),
];
