import { type FrontStore, type IterableStore, idOf, type SessionRecord, type SessionStore } from '@stet/core';
import type { Request, Tier } from './request.ts';

export const id: string = idOf('explored');

/** Sends a call on its way. */
export type Ask = <T>(request: Request) => Promise<T>;

/** What a plain cache or table offers, and the protocols of others use. */
export interface NaiveFront {
  get(): Promise<SessionRecord | null>;
  put(record: SessionRecord): Promise<void>;
  putIfNewer(record: SessionRecord): Promise<void>;
  putIfMissing(record: SessionRecord): Promise<void>;
}

export function frontOn(ask: Ask): FrontStore & NaiveFront {
  const front: Partial<FrontStore & NaiveFront> = {
    ...storeOn(ask, 'front'),
    capabilities: { ...capabilities, leasable: true },
    loadOrLease: () => ask({ tier: 'front', op: 'loadOrLease' }),
    replaceIf: (_, token, record) => ask({ tier: 'front', op: 'replaceIf', token, record }),
    get: () => ask({ tier: 'front', op: 'get' }),
    put: (record) => ask({ tier: 'front', op: 'put', record }),
    putIfNewer: (record) => ask({ tier: 'front', op: 'putIfNewer', record }),
    putIfMissing: (record) => ask({ tier: 'front', op: 'putIfMissing', record }),
  };
  return front as FrontStore & NaiveFront;
}

export function backOn(ask: Ask): IterableStore {
  async function* entries(): AsyncGenerator<readonly [string, SessionRecord]> {
    for (const record of await ask<readonly SessionRecord[]>({ tier: 'back', op: 'entries' })) yield [id, record];
  }
  return { ...storeOn(ask, 'back'), entries } as IterableStore;
}

function storeOn(ask: Ask, tier: Tier): Partial<SessionStore> {
  return {
    capabilities,
    load: () => ask({ tier, op: 'load' }),
    create: (_, { data, expiresAt }) => ask({ tier, op: 'create', data, expiresAt }),
    update: (_, { revision }, { data, expiresAt }) => ask({ tier, op: 'update', revision, data, expiresAt }),
    touch: (_, expiresAt) => ask({ tier, op: 'touch', expiresAt }),
    delete: () => ask({ tier, op: 'delete' }),
  };
}

const capabilities = {
  durable: true,
  shared: true,
  iterable: true,
  sweepable: false,
  bySubject: false,
  leasable: false,
  expiryGranularityMs: 1,
  maxDataBytes: 1_024,
};
