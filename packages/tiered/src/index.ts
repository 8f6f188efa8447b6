export { DeleteUnconfirmedError } from './delete-unconfirmed-error.ts';
export type { FrontUnreachableEvent, InvalidationUnconfirmedEvent, TieredEvent } from './events.ts';
export { TieredStore, type TieredStoreOptions } from './tiered-store.ts';
