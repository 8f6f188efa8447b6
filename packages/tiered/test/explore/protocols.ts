import type { FrontStore, SessionRecord, SessionStore } from '@stet/core';
import { TieredStore, type TieredStoreOptions } from '../../src/index.ts';
import { id } from './execution.ts';

/** What a plain cache offers, and the protocols of others use. */
export interface NaiveFront {
  get(): Promise<SessionRecord | null>;
  put(record: SessionRecord): Promise<void>;
  putIfNewer(record: SessionRecord): Promise<void>;
}

export type Protocol = (
  tiers: Required<TieredStoreOptions> & { readonly front: FrontStore & NaiveFront },
) => SessionStore;

export const tiered: Protocol = (tiers) => new TieredStore(tiers);

/** The protocols in use elsewhere. Each compares before it writes to the back, so that what goes wrong is the cache's fault alone. */
export const naiveProtocols: Readonly<Record<string, Protocol>> = {
  'write-through put': (tiers) => naive(tiers, tiers.front.put, tiers.front.put),
  'put-if-newer': (tiers) => naive(tiers, tiers.front.putIfNewer, tiers.front.putIfNewer),
  'cache-aside: delete after the write': (tiers) => naive(tiers, tiers.front.put, () => remove(tiers)),
  // In its strictest form: nothing is acknowledged before the second delete.
  'delayed double delete': (tiers) => {
    const twice = async () => {
      await remove(tiers);
      await new Promise<void>((resolve) => {
        setTimeout(resolve, 1_000);
      });
      await remove(tiers);
    };
    return naive(tiers, tiers.front.put, twice, twice);
  },
};

type Tiers = Parameters<Protocol>[0];

async function remove({ front }: Tiers): Promise<void> {
  await front.delete(id);
}

function naive(
  tiers: Tiers,
  fill: (record: SessionRecord) => Promise<void>,
  afterUpdate: (record: SessionRecord) => Promise<void>,
  afterDelete: () => Promise<void> = () => remove(tiers),
): SessionStore {
  const { front, back } = tiers;
  const store: Partial<SessionStore> = {
    async load() {
      const hit = await front.get();
      if (hit) return hit;
      const record = await back.load(id);
      if (record) await fill(record);
      return record;
    },
    async update(_, base, draft) {
      const result = await back.update(id, base, draft);
      if (result.status === 'updated') await afterUpdate(result.record);
      return result;
    },
    async delete() {
      const wasLive = await back.delete(id);
      await afterDelete();
      return wasLive;
    },
  };
  return store as SessionStore;
}
