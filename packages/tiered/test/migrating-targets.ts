import { type ConformanceTarget, defineTarget } from '@stet/conformance';
import type { FrontStore, IterableStore } from '@stet/core';
import { MigratingStore } from '../src/index.ts';
import { type Places, type Route, startPlaces } from './migration/places.ts';

const maxDataBytes = 65_536;
const routes: readonly Route[] = [
  { from: 'Memory', to: 'Memory' },
  { from: 'SQLite', to: 'PostgreSQL' },
  { from: 'MariaDB', to: 'Redis' },
];
const places: readonly Places[] = await Promise.all(routes.map(startPlaces));

export const targets: readonly ConformanceTarget[] = routes.map(({ from, to }, at) => {
  const { isShared, open, remove } = places[at] as Places;
  return defineTarget({
    name: `MigratingStore(${from}, ${to})`,
    capabilities: {
      durable: to !== 'Memory',
      shared: isShared,
      iterable: true,
      sweepable: to !== 'Redis',
      bySubject: true,
      leasable: false,
      expiryGranularityMs: 1,
      maxDataBytes,
    },
    module: import.meta.url,
    createStore: async ({ namespace, timeoutMs, leaseMs }) =>
      beginningIn(await open({ namespace, timeoutMs, leaseMs, maxDataBytes }), timeoutMs),
    dispose: remove,
  });
});

export async function close(): Promise<void> {
  await Promise.all(places.map((each) => each.close()));
}

/** Its sessions begin in the old store, so that each rule is about one that has to move first. */
function beginningIn({ from, to }: { from: IterableStore; to: FrontStore }, timeoutMs: number): MigratingStore {
  const store = new MigratingStore({ from, to, timeoutMs });
  const closeStore = store.close.bind(store);
  store.create = async (id, draft) => ((await to.load(id)) ? null : from.create(id, draft));
  store.close = async () => void (await Promise.all([closeStore(), from.close(), to.close()]));
  return store;
}
