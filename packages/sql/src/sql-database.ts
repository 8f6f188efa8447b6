/** The databases that there are statements for. MariaDB is `mysql`. */
export type SqlDialect = 'postgres' | 'mysql' | 'sqlite';

/** What is bound to a placeholder: text, a whole number, the bytes of a text (MySQL alone), or nothing. */
export type SqlValue = string | number | Buffer | null;

/** A row by column name. Of a `bigint` a driver may give a number, a string or a `bigint`. */
export type SqlRow = Readonly<Record<string, unknown>>;

/**
 * One of the few statements of a store, always as the same object, so that a driver can prepare it once for each
 * connection.
 */
export interface SqlStatement {
  /** Tells the statement from all others, with its verb in it. At most 63 bytes, as PostgreSQL has room for. */
  readonly name: string;
  /** With `$1`, `$2` and so on for PostgreSQL, and `?` for the others. */
  readonly text: string;
  /** Whether it gives rows, and not a count alone. */
  readonly givesRows: boolean;
}

/** What a statement gave. */
export interface SqlReply {
  readonly rows: readonly SqlRow[];
  /** How many rows it gave, or else changed. MySQL may count those that it found. */
  readonly count: number;
  /** What MySQL sends along with the count, in which an update tells an expiry that it left alone. */
  readonly insertId?: number | bigint | string;
}

/** The moment at which a statement is sent. */
export interface SqlTurn {
  /**
   * A database calls it right before it sends the statement, with the connection at hand. It throws once the caller was
   * told that nothing was sent: then nothing may be sent. When time is up before the reply is there, `abandon` is
   * called, once: it should close the connection, because nobody knows what that will do next.
   */
  begin(abandon?: () => void): void;
}

/**
 * What a `SqlStore` asks of a database. `fromPg` and its like make one of a pool or a connection that the application
 * has; whoever has another driver writes one.
 */
export interface SqlDatabase {
  readonly dialect: SqlDialect;
  /** Whether SQLite keeps the sessions in the memory of this process alone, as tests like it. Default `false`. */
  readonly inMemory?: boolean;
  /**
   * Runs one statement, which is committed by itself: never in a transaction of the application. It rejects with the
   * very error of the driver, by whose code the store tells what became of the statement. A driver that answers at once
   * may do without the promise.
   */
  run(statement: SqlStatement, values: readonly SqlValue[], turn: SqlTurn): SqlReply | PromiseLike<SqlReply>;
  /** How the name of a table is written in a statement, where the application maps names. Default: quoted as it is. */
  quoted?(name: string): string;
}
