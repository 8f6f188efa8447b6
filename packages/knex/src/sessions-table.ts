import { hash } from 'node:crypto';
import type { Knex } from 'knex';
import { type Dialect, dialectOf } from './dialect.ts';

/** Which table a store keeps its sessions in. */
export interface SessionsTable {
  /** A letter or an underscore, followed by at most 62 letters, digits and underscores. Default `'sessions'`. */
  readonly table?: string;
  /** The schema (MySQL: the database) that the table is in, of the same form. Default: that of the connection. */
  readonly schema?: string;
}

const identifier = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/** The longest identifier of PostgreSQL, in bytes; it cuts longer ones without a word. */
const maxIdentifier = 63;

/** The table as it is written in a statement: quoted, and in the way that the knex instance writes identifiers. */
export function quotedTable(knex: Knex, { table = 'sessions', schema }: SessionsTable): string {
  assertIdentifier(table, 'table');
  if (schema === undefined) return quoted(knex, table);
  assertIdentifier(schema, 'schema');
  return `${quoted(knex, schema)}.${quoted(knex, table)}`;
}

/** The statements that make the table and its indexes where they are missing. */
export function tableStatements(knex: Knex, dialect: Dialect, names: SessionsTable): readonly string[] {
  return dialect.createTable(quotedTable(knex, names), (column) =>
    quoted(knex, indexName(names.table ?? 'sessions', column)),
  );
}

/**
 * Creates the table of a {@link KnexStore} with its indexes, where they are missing: for the `up` of a knex migration, to
 * which `knex.schema.dropTable` is the `down`. Any number of processes may do it at once.
 */
export async function createSessionsTable(knex: Knex, names: SessionsTable = {}): Promise<void> {
  const dialect = dialectOf(knex);
  for (const statement of tableStatements(knex, dialect, names)) {
    try {
      await knex.raw(statement);
    } catch (error) {
      // IF NOT EXISTS does not see what another connection is about to commit.
      if (dialect.faultOf(error) !== 'duplicate') throw error;
    }
  }
}

function assertIdentifier(name: unknown, option: string): asserts name is string {
  if (typeof name !== 'string' || !identifier.test(name)) {
    throw new TypeError(`${option} is a name of at most ${maxIdentifier} letters, digits and underscores.`);
  }
}

function quoted(knex: Knex, name: string): string {
  return knex.raw('??', [name]).toQuery();
}

/** An index has one name space with the tables, and has to be told from those of tables with a similar name. */
function indexName(table: string, column: string): string {
  const name = `${table}_${column}`;
  return name.length <= maxIdentifier ? name : `${column}_${hash('sha256', table).slice(0, 32)}`;
}
