import type { Knex } from 'knex';
import type { KnexStore } from '../../src/index.ts';

/** What a fault can be done to. */
export interface Scene<Database> {
  readonly database: Database;
  /** Past the fault, for what a store does not do. */
  readonly admin: Knex;
  /** The knex of the store under test. Its pool has one connection at most. */
  readonly knex: Knex;
  readonly store: KnexStore;
  /** The same with a deadline that is short. */
  readonly hasty: KnexStore;
  readonly table: string;
}

/** Something that goes wrong while a call is made. */
export interface Fault<Database> {
  readonly name: string;
  /** It lasts until any deadline is over. */
  readonly lasting?: boolean;
  begin(scene: Scene<Database>): Promise<{
    /** The store to call, where it is not the scene's. */
    readonly store?: KnexStore;
    /** What happens once the call is under way. */
    meanwhile?(): Promise<void>;
    /** Resolves once everything is as it was. */
    end(): Promise<void>;
  }>;
}
