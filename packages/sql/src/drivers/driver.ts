import type { SqlDialect, SqlReply, SqlStatement, SqlTurn, SqlValue } from '../sql-database.ts';

/** How the connections of one driver run a statement. */
export interface Driver<Connection> {
  readonly dialect: SqlDialect;
  /** Calls `turn.begin` right before it sends. */
  run(
    connection: Connection,
    statement: SqlStatement,
    values: readonly SqlValue[],
    turn: SqlTurn,
  ): SqlReply | PromiseLike<SqlReply>;
}
