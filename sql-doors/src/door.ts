import type { SqlDatabase, SqlStore, SqlStoreSettings } from '@stet/sql';

export type DatabaseName = 'PostgreSQL' | 'MariaDB' | 'SQLite';

/** How a door is opened. */
export interface Opening {
  /** The most connections. Default 10. SQLite has one in each case. */
  readonly max?: number;
  /** Statements that each connection begins with. */
  readonly begin?: readonly string[];
  /** Done before the store gets a new connection. */
  readonly meanwhile?: () => Promise<unknown>;
  /** SQLite: the file is opened for reading alone. */
  readonly readonly?: boolean;
}

/** A pool or a connection of the driver, as an application has it, and what the tests want of it. */
export interface Opened {
  readonly database: SqlDatabase;
  store(settings?: SqlStoreSettings): SqlStore;
  /** Takes a connection, as a transaction of the application does. Resolves to what gives it back. */
  hold(): Promise<() => Promise<void>>;
  /** Runs a statement of the application, which gives rows. */
  query(text: string): Promise<ReadonlyArray<Record<string, unknown>>>;
  /** The application ends it. Twice is once. */
  close(): Promise<void>;
}

/** One of the ways from a store to a database, for the tests that each of them has to pass. */
export interface Door {
  readonly name: string;
  readonly databases: readonly DatabaseName[];
  /** The URL of the module that exports the door as `door`: other processes import it. */
  readonly module: string;
  open(url: string, opening?: Opening): Opened | Promise<Opened>;
}

/** The servers among the databases of a door. */
export function servedBy({ databases }: Door): Array<Exclude<DatabaseName, 'SQLite'>> {
  return databases.filter((name) => name !== 'SQLite');
}
