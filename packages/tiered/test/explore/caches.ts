import type { SessionRecord, SessionStore } from '@stet/core';
import { TieredStore } from '../../src/index.ts';
import { foreverMs } from './execution.ts';
import type { Protocol } from './model.ts';
import { boundMs } from './request.ts';
import { type Ask, backOn, frontOn, id } from './stores.ts';

export const tiered: Protocol = (ask, now) =>
  new TieredStore({ front: frontOn(ask), back: backOn(ask), maxStalenessMs: boundMs, timeoutMs: 5 * foreverMs, now });

/**
 * The caches in use elsewhere. Each compares before it writes to the back, so that what goes wrong is the cache's fault
 * alone.
 */
export const naiveCaches: Readonly<Record<string, Protocol>> = {
  'write-through put': (ask) => naive(ask, frontOn(ask).put, frontOn(ask).put),
  'put-if-newer': (ask) => naive(ask, frontOn(ask).putIfNewer, frontOn(ask).putIfNewer),
  'cache-aside: delete after the write': (ask) => naive(ask, frontOn(ask).put, () => remove(ask)),
  // In its strictest form: nothing is acknowledged before the second delete.
  'delayed double delete': (ask) => {
    const twice = async () => {
      await remove(ask);
      await new Promise<void>((resolve) => {
        setTimeout(resolve, 1_000);
      });
      await remove(ask);
    };
    return naive(ask, frontOn(ask).put, twice, twice);
  },
};

async function remove(ask: Ask): Promise<void> {
  await frontOn(ask).delete(id);
}

function naive(
  ask: Ask,
  fill: (record: SessionRecord) => Promise<void>,
  afterUpdate: (record: SessionRecord) => Promise<void>,
  afterDelete: () => Promise<void> = () => remove(ask),
): SessionStore {
  const [front, back] = [frontOn(ask), backOn(ask)];
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
