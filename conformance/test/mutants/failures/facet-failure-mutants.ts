import {
  type IdAndRecord,
  isStoreError,
  type SessionDraft,
  type SessionRecord,
  StoreError,
  type UpdateResult,
} from '@stet/core';
import type { Request } from '../../fixtures/memory-server.ts';
import { ServedStore } from '../../fixtures/served-store.ts';
import { type Mutant, served } from '../mutant.ts';

/** Handles rejections with one code in a way of its own, and passes on the others. */
function on<T>(code: string, handle: (error: StoreError) => T | Promise<T>): (error: unknown) => T | Promise<T> {
  return (error) => {
    if (isStoreError(error) && error.code === code) return handle(error);
    throw error;
  };
}

export const facetFailureMutants: readonly Mutant[] = [
  served(
    '11.16',
    class extends ServedStore {
      override async *entries(): AsyncGenerator<IdAndRecord> {
        const isDown = await this.ask('read', 'load', '0'.repeat(64)).then(
          () => false,
          on('STORE_UNAVAILABLE', () => true),
        );
        if (!isDown) yield* super.entries();
      }
    },
  ),
  served(
    '11.17',
    class extends ServedStore {
      override async bySubject(subject: string): Promise<IdAndRecord[]> {
        return super.bySubject(subject).catch(on('STORE_TIMEOUT', () => []));
      }
    },
  ),
  served(
    '11.18',
    class extends ServedStore {
      override async load(id: string): Promise<SessionRecord | null> {
        const again = (cause: StoreError): never => {
          throw new StoreError('STORE_CORRUPT_RECORD', 'Try again.', { cause, retryable: true });
        };
        return super.load(id).catch(on('STORE_CORRUPT_RECORD', again));
      }
    },
  ),
  served(
    '11.19',
    class extends ServedStore {
      readonly #unsent: Array<() => Promise<unknown>> = [];
      override async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
        return super.create(id, draft).catch(
          on('STORE_UNAVAILABLE', (error) => {
            this.#unsent.push(() => super.create(id, draft));
            throw error;
          }),
        );
      }
      override async load(id: string): Promise<SessionRecord | null> {
        const record = await super.load(id);
        for (const send of this.#unsent.splice(0)) await send();
        return record;
      }
    },
  ),
  served(
    '11.20',
    class Late extends ServedStore {
      static readonly #late = new Map<string, SessionDraft>();
      override async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
        return super.update(id, base, draft).catch(
          on('STORE_AMBIGUOUS', (error) => {
            Late.#late.set(id, draft);
            throw error;
          }),
        );
      }
      override async delete(id: string): Promise<boolean> {
        const isDeleted = await super.delete(id);
        const draft = Late.#late.get(id);
        Late.#late.delete(id);
        if (isDeleted && draft) await super.create(id, draft);
        return isDeleted;
      }
    },
  ),
  served(
    '11.21',
    class extends ServedStore {
      override async load(id: string): Promise<SessionRecord | null> {
        const loading = super.load(id);
        void loading.then(() => {});
        return loading;
      }
    },
  ),
  served(
    '11.22',
    class extends ServedStore {
      // Asks what has become of it, and takes the answer for its own.
      protected override again(request: Request): Request {
        return request.method === 'touch' ? { ...request, nonce: `${request.nonce} again`, method: 'load' } : request;
      }
    },
  ),
  served(
    '11.23',
    class extends ServedStore {
      protected override again(request: Request): Request {
        return request.method === 'replaceIf' ? { ...request, nonce: `${request.nonce} again` } : request;
      }
    },
  ),
  served(
    '11.24',
    class extends ServedStore {
      #failures = 0;
      protected override async ask<T>(kind: 'read' | 'write', method: string, ...args: readonly unknown[]): Promise<T> {
        return super.ask<T>(kind, method, ...args).catch(
          on('STORE_CORRUPT_RECORD', (error) => {
            this.#failures += 1;
            throw error;
          }),
        );
      }
      override async delete(id: string): Promise<boolean> {
        return this.#failures > 60 ? false : super.delete(id);
      }
    },
  ),
];
