import { setImmediate as tick } from 'node:timers/promises';
import { type IdAndRecord, MemoryStore, type OperationKind, type SessionDraft } from '@stet/core';
import type { Reply, Request } from '../../fixtures/memory-server.ts';
import { ServedStore } from '../../fixtures/served-store.ts';
import { inMemory, type Mutant, served } from '../mutant.ts';

export const closingMutants: readonly Mutant[] = [
  inMemory(
    '16.7',
    class extends MemoryStore {
      #isClosed = false;
      override async *entries(): AsyncGenerator<IdAndRecord> {
        let seen = 0;
        for await (const entry of super.entries()) {
          if (this.#isClosed && seen > 0) return;
          seen += 1;
          yield entry;
        }
      }
      override async close(): Promise<void> {
        this.#isClosed = true;
        await super.close();
      }
    },
  ),
];

export const servedClosingMutants: readonly Mutant[] = [
  served(
    '16.8',
    class extends ServedStore {
      #isClosed = false;
      // Acknowledges what it has not sent yet.
      protected override async exchange(request: Request, kind: OperationKind): Promise<Reply> {
        if (request.method !== 'create') return super.exchange(request, kind);
        await tick();
        if (!this.#isClosed) return super.exchange(request, kind);
        const draft = request.args[1] as SessionDraft;
        return { nonce: request.nonce, resolved: { createdAt: Date.now(), ...draft, revision: 1_234 } };
      }
      override async close(): Promise<void> {
        this.#isClosed = true;
        await super.close();
      }
    },
  ),
];
