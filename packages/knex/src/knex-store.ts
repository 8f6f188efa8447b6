import { SqlStore, type SqlStoreSettings } from '@stet/sql';
import type { Knex } from 'knex';
import { fromKnex } from './from-knex.ts';

export interface KnexStoreOptions extends SqlStoreSettings {
  /**
   * A knex instance with the client `pg`, `mysql2` or `better-sqlite3`. It stays the application's: the store never
   * destroys it.
   */
  readonly knex: Knex;
}

/** The store of `@stet/sql` over a knex instance: a table of PostgreSQL, MySQL, MariaDB or SQLite. */
export class KnexStore extends SqlStore {
  constructor({ knex, ...settings }: KnexStoreOptions) {
    super({ database: fromKnex(knex), ...settings });
  }
}
