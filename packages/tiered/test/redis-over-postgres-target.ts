import { type ConformanceTarget, defineTarget } from '@stet/conformance';
import { TieredStore } from '../src/index.ts';
import { startServers, storesOn } from './servers.ts';

const maxDataBytes = 65_536;
const servers = await startServers();

export const target: ConformanceTarget = defineTarget({
  name: 'TieredStore(RedisStore, KnexStore on PostgreSQL)',
  capabilities: {
    durable: true,
    shared: true,
    iterable: true,
    sweepable: true,
    bySubject: true,
    leasable: false,
    expiryGranularityMs: 1,
    maxDataBytes,
  },
  module: import.meta.url,
  createStore: async (settings) => new TieredStore(await storesOn(servers, { ...settings, maxDataBytes })),
  dispose: (namespace) => servers.database.schema.dropTableIfExists(namespace),
  close: () => servers.stop(),
});
