import type { FrontResult, OperationKind, SessionRecord } from '@stet/core';
import type { StoreSettings } from '../../../src/index.ts';
import type { Reply, Request } from '../../fixtures/memory-server.ts';
import { ServedStore } from '../../fixtures/served-store.ts';
import { type Mutant, served } from '../mutant.ts';

/** A late copy of such a command is taken for a new one, once something was deleted. */
function brief(isSuch: (request: Request) => boolean): new (settings: StoreSettings) => ServedStore {
  return class extends ServedStore {
    protected override async exchange(request: Request, kind: OperationKind): Promise<Reply> {
      const isBrief = isSuch(request) && !request.nonce.startsWith('brief');
      return super.exchange(isBrief ? { ...request, nonce: `brief ${request.nonce}` } : request, kind);
    }
  };
}

export const repetitionMutants: readonly Mutant[] = [
  served(
    '5.9',
    brief(({ method }) => method === 'create'),
  ),
  served(
    '15.25',
    class Trusting extends brief(({ method }) => method === 'loadOrLease') {
      // Takes whatever lease there is for its own, unless it knows of another holder.
      static readonly #last = new Map<string, string>();
      override async loadOrLease(id: string): Promise<FrontResult> {
        const result = await super.loadOrLease(id);
        if (result.status === 'leased') Trusting.#last.set(this.settings.namespace + id, result.token);
        return result;
      }
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const next = await super.replaceIf(id, token, record);
        if (next !== null || Trusting.#last.get(this.settings.namespace + id) !== token) return next;
        const { status } = await super.loadOrLease(id);
        if (status === 'hit') return null;
        await super.delete(id);
        if (status === 'leased') return null;
        const lease = await super.loadOrLease(id);
        return lease.status === 'leased' ? super.replaceIf(id, lease.token, record) : null;
      }
    },
  ),
  served(
    '15.26',
    class extends brief(({ args: [, draft] }) => Object.hasOwn(Object(draft), 'revision')) {
      override async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
        const next = await super.replaceIf(id, token, record);
        // Makes sure.
        if (next !== null) await this.ask('write', 'create', id, record);
        return next;
      }
    },
  ),
];
