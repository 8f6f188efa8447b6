import { defineTarget } from '@stet/conformance';
import { MapStore } from './store.js';

export const target = defineTarget({
  name: 'MapStore',
  capabilities: {
    durable: false,
    shared: false,
    iterable: false,
    sweepable: false,
    bySubject: false,
    leasable: false,
    expiryGranularityMs: 1,
    maxDataBytes: 65_536,
  },
  createStore: () => new MapStore(),
  faults: { clock: (_settings, now) => new MapStore({ now }) },
});
