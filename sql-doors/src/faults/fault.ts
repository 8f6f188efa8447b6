import type { SqlStore } from '@stet/sql';
import type { Knex } from 'knex';
import type { Door, Opened } from '../door.ts';

/** What a fault can be done to. */
export interface Scene<Database> {
  readonly door: Door;
  readonly database: Database;
  /** Past the fault, for what a store does not do. */
  readonly admin: Knex;
  /** What the store under test is over. Its pool has one connection at most. */
  readonly opened: Opened;
  readonly store: SqlStore;
  /** The same with a deadline that is short. */
  readonly hasty: SqlStore;
  /** Another one on the same table, past the fault. */
  readonly witness: SqlStore;
  readonly table: string;
}

/** Something that goes wrong while a call is made. */
export interface Fault<Database> {
  readonly name: string;
  /** It lasts until any deadline is over. */
  readonly lasting?: boolean;
  begin(scene: Scene<Database>): Promise<{
    /** The store to call, where it is not the scene's. */
    readonly store?: SqlStore;
    /** What happens once the call is under way. */
    meanwhile?(): Promise<void>;
    /** Resolves once everything is as it was. */
    end(): Promise<void>;
  }>;
}

/** For a store that is over something of its own. */
export function storeOver(opened: Opened, table: string): { readonly store: SqlStore; end(): Promise<void> } {
  return { store: opened.store({ table }), end: () => opened.close() };
}
