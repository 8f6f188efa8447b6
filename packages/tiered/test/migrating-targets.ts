import { type ConformanceTarget, defineTarget } from '@stet/conformance';
import { type FrontStore, MemoryStore, type SessionStore } from '@stet/core';
import { MigratingStore } from '../src/index.ts';

const maxDataBytes = 65_536;

/** Every session begins in the old store, so that each rule is about one that has to move first. */
export function begunIn(from: SessionStore, to: FrontStore, store: MigratingStore): MigratingStore {
  const close = store.close.bind(store);
  store.create = async (id, draft) => ((await to.load(id)) ? null : from.create(id, draft));
  store.close = async () => void (await Promise.all([close(), from.close(), to.close()]));
  return store;
}

export const memoryToMemory: ConformanceTarget = defineTarget({
  name: 'MigratingStore(MemoryStore, MemoryStore)',
  capabilities: {
    durable: false,
    shared: false,
    iterable: true,
    sweepable: true,
    bySubject: true,
    leasable: false,
    expiryGranularityMs: 1,
    maxDataBytes,
  },
  createStore({ leaseMs, timeoutMs }) {
    const from = new MemoryStore({ maxDataBytes });
    const to = new MemoryStore({ maxDataBytes, leaseMs });
    return begunIn(from, to, new MigratingStore({ from, to, timeoutMs }));
  },
});
