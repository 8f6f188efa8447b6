import { MemoryStore } from '@stet/core';
import { type ConformanceTarget, defineTarget } from '../src/index.ts';

/** The in-memory reference. Data ends with the store, so a namespace is a store. */
export const target: ConformanceTarget = defineTarget({
  name: 'MemoryStore',
  capabilities: {
    durable: false,
    shared: false,
    iterable: true,
    sweepable: true,
    bySubject: true,
    leasable: true,
    expiryGranularityMs: 1,
    maxDataBytes: 65_536,
  },
  createStore: ({ leaseMs }) => new MemoryStore({ leaseMs, maxDataBytes: 65_536 }),
});
