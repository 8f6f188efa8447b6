import { type FrontStore, type IterableStore, requireFacet, type SessionStore } from '@stet/core';
import { MigratingStore } from '../../src/index.ts';
import { type BackName, backKinds } from '../tiers/backs.ts';
import { type FrontName, frontKinds } from '../tiers/fronts.ts';
import { type Kind, startTier, type Tier } from '../tiers/tier.ts';

const kinds: Readonly<Record<BackName | FrontName, Kind<SessionStore>>> = { ...backKinds, ...frontKinds };

/** Where sessions come from and where they go: two places, or two namespaces of one. */
export interface Route {
  readonly from: BackName | FrontName;
  readonly to: BackName | FrontName;
}

export interface Places {
  readonly from: IterableStore;
  readonly to: FrontStore;
  readonly store: MigratingStore;
  close(): Promise<void>;
}

/** Another process that opens the same route finds the places of the first. */
export async function openPlaces({ from, to }: Route, leaseMs: number): Promise<Places> {
  const source: Tier<SessionStore> = await startTier(from, kinds[from]);
  const target: Tier<SessionStore> = to === from ? source : await startTier(to, kinds[to]);
  const old = requireFacet(await source.open({ namespace: 'old' }), 'iterable');
  const present = requireFacet(await target.open({ namespace: 'present', leaseMs }), 'leasable');
  return {
    from: old,
    to: present,
    store: new MigratingStore({ from: old, to: present }),
    async close() {
      await source.close();
      if (target !== source) await target.close();
    },
  };
}
