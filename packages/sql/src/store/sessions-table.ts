import { hash } from 'node:crypto';
import { dialectOf } from '../dialects/dialect.ts';
import type { SqlDatabase, SqlDialect, SqlStatement } from '../sql-database.ts';
import { statement } from './statements.ts';

/** Which table a store keeps its sessions in. */
export interface SessionsTable {
  /** A letter or an underscore, followed by at most 62 letters, digits and underscores. Default `'sessions'`. */
  readonly table?: string;
  /** The schema (MySQL: the database) that the table is in, of the same form. Default: that of the connection. */
  readonly schema?: string;
}

/** How a name is written in a statement. */
type Quoting = (name: string) => string;

const identifier = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/** The longest identifier of PostgreSQL, in bytes; it cuts longer ones without a word. */
const maxIdentifier = 63;

/** The table as it is written in a statement. */
export function quotedTable(quoted: Quoting, { table = 'sessions', schema }: SessionsTable): string {
  assertIdentifier(table, 'table');
  if (schema === undefined) return quoted(table);
  assertIdentifier(schema, 'schema');
  return `${quoted(schema)}.${quoted(table)}`;
}

/** The statements that make the table and its indexes where they are missing: for a migration written in SQL. */
export function sessionsTableSql(dialect: SqlDialect, names: SessionsTable = {}): readonly string[] {
  return tableTexts({ dialect }, names);
}

/**
 * Creates the table of a `SqlStore` with its indexes, where they are missing. Any number of processes may do it at
 * once. It rejects with the error of the driver.
 */
export async function createSessionsTable(database: SqlDatabase, names: SessionsTable = {}): Promise<void> {
  const { faultOf } = dialectOf(database.dialect);
  for (const each of tableStatements(database, names)) {
    try {
      await database.run(each, [], { begin() {} });
    } catch (error) {
      // IF NOT EXISTS does not see what another connection is about to commit.
      if (faultOf(error) !== 'duplicate') throw error;
    }
  }
}

export function tableStatements(
  database: Pick<SqlDatabase, 'dialect' | 'quoted'>,
  names: SessionsTable,
): readonly SqlStatement[] {
  return tableTexts(database, names).map((text) => statement(dialectOf(database.dialect), text, false));
}

function tableTexts(
  { dialect: name, quoted }: Pick<SqlDatabase, 'dialect' | 'quoted'>,
  names: SessionsTable,
): readonly string[] {
  const dialect = dialectOf(name);
  const quoting = quoted ?? dialect.quoted;
  return dialect.createTable(quotedTable(quoting, names), (column) =>
    quoting(indexName(names.table ?? 'sessions', column)),
  );
}

function assertIdentifier(name: unknown, option: string): asserts name is string {
  if (typeof name !== 'string' || !identifier.test(name)) {
    throw new TypeError(`${option} is a name of at most ${maxIdentifier} letters, digits and underscores.`);
  }
}

/** An index has one name space with the tables, and has to be told from those of tables with a similar name. */
function indexName(table: string, column: string): string {
  const name = `${table}_${column}`;
  return name.length <= maxIdentifier ? name : `${column}_${hash('sha256', table).slice(0, 32)}`;
}
