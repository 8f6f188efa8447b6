import type {
  FrontStore,
  IterableStore,
  SessionStore,
  StoreCapabilities,
  SubjectStore,
  SweepableStore,
} from './session-store.ts';
import { StoreError } from './store-error.ts';

interface Facets {
  iterable: IterableStore;
  sweepable: SweepableStore;
  bySubject: SubjectStore;
  leasable: FrontStore;
}

/** Whether a store has a facet. Its capabilities decide, not the presence of a method. */
export function hasFacet<F extends keyof Facets & keyof StoreCapabilities>(
  store: SessionStore,
  facet: F,
): store is Facets[F] {
  return store.capabilities[facet];
}

/** The store seen through a facet, or `STORE_UNSUPPORTED` where it lacks it. */
export function requireFacet<F extends keyof Facets & keyof StoreCapabilities>(
  store: SessionStore,
  facet: F,
): Facets[F] {
  if (hasFacet(store, facet)) return store;
  throw new StoreError('STORE_UNSUPPORTED', `This store is not ${facet}: its capabilities say ${facet}: false.`);
}
