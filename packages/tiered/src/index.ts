export { DeleteUnconfirmedError } from './delete-unconfirmed-error.ts';
export type {
  FrontUnreachableEvent,
  InvalidationUnconfirmedEvent,
  LeftBehindEvent,
  TieredEvent,
} from './events.ts';
export { MigratingStore, type MigratingStoreOptions } from './migrating-store.ts';
export type { MigrationSource } from './migration-source.ts';
export { TieredStore, type TieredStoreOptions } from './tiered-store.ts';
