import { createSessionsTable as createTable, type SessionsTable } from '@stet/sql';
import type { Knex } from 'knex';
import { schemaOf } from './from-knex.ts';

/**
 * Creates the table of a `KnexStore` with its indexes, where they are missing: for the `up` of a knex migration, to
 * which `knex.schema.dropTable` is the `down`. Any number of processes may do it at once.
 */
export function createSessionsTable(knex: Knex, names: SessionsTable = {}): Promise<void> {
  return createTable(schemaOf(knex), names);
}
