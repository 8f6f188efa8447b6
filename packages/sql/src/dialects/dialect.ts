import type { SqlDialect, SqlRow, SqlValue } from '../sql-database.ts';
import { mysql } from './mysql.ts';
import { postgres } from './postgres.ts';
import { sqlite } from './sqlite.ts';

/** What an error says of the statement that it ended. */
export type Fault =
  /** There is such a row already, or such a table. */
  | 'duplicate'
  /** It gave way to another one and changed nothing: try again. */
  | 'transient'
  /** It changed nothing, because the table was never created. */
  | 'no table'
  /** It changed nothing. */
  | 'refused'
  /** It may or may not have happened. Whatever is not known to be something else is this. */
  | 'lost';

/** What the store wants of the settings of a database. */
interface Wanted {
  readonly maxDataBytes: number;
  /** SQLite keeps the sessions in the memory of this process. */
  readonly inMemory: boolean;
}

/** What the databases differ in. */
export interface Dialect {
  /** The statements that make a table and its indexes where they are missing. Names come quoted. */
  readonly createTable: (table: string, indexName: (column: string) => string) => readonly string[];
  readonly quoted: (name: string) => string;
  /** The text of a statement with the placeholders of the database in place of question marks. */
  readonly placed: (text: string) => string;
  /** The column `data` as it is read. */
  readonly dataRead: string;
  /** The placeholder of `data` as it is written. */
  readonly dataWritten: string;
  /** Completes an update that leaves the expiry alone, so that its reply tells the expiry as `expires`. */
  readonly keepingExpiry: { readonly set: string; readonly returning: string };
  /** A touch, which counts the live row that it found or extended, and writes nothing where it extends nothing. */
  readonly touch: {
    readonly text: (table: string) => string;
    readonly values: (id: string, expiresAt: number, now: number) => readonly SqlValue[];
    readonly givesRows: boolean;
  };
  /** Gives the settings that a store depends on, in one row. */
  readonly settings: string;
  /** Why a store cannot do with these settings, or `null` where it can. */
  readonly settingsFault: (settings: SqlRow, wanted: Wanted) => string | null;
  /** Text as a value to be bound. */
  readonly bound: (text: string) => string | Buffer;
  readonly faultOf: (error: unknown) => Fault;
}

const dialects: Readonly<Record<SqlDialect, Dialect>> = { postgres, mysql, sqlite };

export function dialectOf(name: SqlDialect): Dialect {
  if (Object.hasOwn(dialects, name)) return dialects[name];
  throw new TypeError(`The dialect of a database is one of ${Object.keys(dialects).join(', ')}.`);
}
