import { type FrontStore, type IterableStore, requireFacet, type SessionStore } from '@stet/core';
import { type BackName, backKinds } from '../tiers/backs.ts';
import { type FrontName, frontKinds } from '../tiers/fronts.ts';
import { type Kind, startTier, type Tier, type TierSettings } from '../tiers/tier.ts';

const kinds: Readonly<Record<BackName | FrontName, Kind<SessionStore>>> = { ...frontKinds, ...backKinds };

/** Where sessions come from and where they go: two places, or two parts of one. */
export interface Route {
  readonly from: BackName | FrontName;
  readonly to: BackName | FrontName;
}

export interface Places {
  readonly isShared: boolean;
  /** The two stores of a namespace. */
  open(settings: TierSettings): Promise<{ readonly from: IterableStore; readonly to: FrontStore }>;
  remove(namespace: string): Promise<void>;
  close(): Promise<void>;
}

/** Another process that starts the same route finds the places of the first. */
export async function startPlaces({ from, to }: Route): Promise<Places> {
  const source: Tier<SessionStore> = await startTier(from, kinds[from]);
  const target: Tier<SessionStore> = to === from ? source : await startTier(to, kinds[to]);
  const before = (namespace: string): string => `old${namespace}`;
  return {
    isShared: source.isShared && target.isShared,
    open: async ({ namespace, ...settings }) => ({
      from: requireFacet(await source.open({ namespace: before(namespace), ...settings }), 'iterable'),
      to: requireFacet(await target.open({ namespace, ...settings }), 'leasable'),
    }),
    async remove(namespace) {
      await source.remove?.(before(namespace));
      await target.remove?.(namespace);
    },
    async close() {
      await source.close();
      if (target !== source) await target.close();
    },
  };
}
