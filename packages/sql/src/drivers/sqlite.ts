import { inTransaction } from '../dialects/sqlite.ts';
import type { SqlReply, SqlRow, SqlStatement, SqlValue } from '../sql-database.ts';
import type { Driver } from './driver.ts';
import { Pace } from './pace.ts';

/** A statement that is prepared, as better-sqlite3 and `node:sqlite` both have it. */
export interface PreparedStatement {
  all(...values: SqlValue[]): readonly unknown[];
  run(...values: SqlValue[]): { readonly changes: number | bigint };
}

/** What the two drivers differ in. */
export interface SqliteKind<Connection> {
  prepare(connection: Connection, text: string): PreparedStatement;
  isInTransaction(connection: Connection): boolean;
}

interface Opened {
  /**
   * By name. Nothing frees a statement but the garbage collector, which does not see its memory: so there is one of
   * each.
   */
  readonly prepared: Map<string, PreparedStatement>;
  readonly pace: Pace;
}

/** SQLite in this process. The driver answers at once, so that there is nothing to abandon. */
export function sqliteDriver<Connection extends object>({
  prepare,
  isInTransaction,
}: SqliteKind<Connection>): Driver<Connection> {
  const connections = new WeakMap<Connection, Opened>();

  function openedAs(connection: Connection): Opened {
    const known = connections.get(connection);
    if (known) return known;
    const opened = { prepared: new Map(), pace: new Pace() };
    connections.set(connection, opened);
    return opened;
  }

  function preparedOn(connection: Connection, { prepared }: Opened, { name, text }: SqlStatement): PreparedStatement {
    const known = prepared.get(name);
    if (known) return known;
    const made = prepare(connection, text);
    prepared.set(name, made);
    return made;
  }

  return {
    dialect: 'sqlite',
    run(connection, statement, values, turn) {
      const opened = openedAs(connection);
      return opened.pace.run((): SqlReply => {
        turn.begin();
        if (isInTransaction(connection)) throw inTransaction();
        const ready = preparedOn(connection, opened, statement);
        if (!statement.givesRows) return { rows: [], count: Number(ready.run(...values).changes) };
        const rows = ready.all(...values) as readonly SqlRow[];
        return { rows, count: rows.length };
      });
    },
  };
}
