import type { Knex } from 'knex';
import { mysql } from './dialects/mysql.ts';
import { postgres } from './dialects/postgres.ts';
import { sqlite } from './dialects/sqlite.ts';

/** What a statement gave: rows, or the number of rows that it changed. */
export interface Reply {
  readonly rows: readonly Row[];
  readonly count: number;
}

/** Values as the driver gives them: of a `bigint`, say, a number, a string or a BigInt. */
export type Row = Readonly<Record<string, unknown>>;

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

/** What the databases differ in. */
export interface Dialect {
  /** The statements that make a table and its indexes where they are missing. Names come quoted. */
  readonly createTable: (table: string, indexName: (column: string) => string) => readonly string[];
  /** The column `data` as it is read. */
  readonly dataRead: string;
  /** The placeholder of `data` as it is written. */
  readonly dataWritten: string;
  /** The function that gives the larger of two numbers. */
  readonly greatest: string;
  /** Completes an update that leaves the expiry alone, so that its reply tells the expiry as `expires`. */
  readonly keepingExpiry: { readonly set: string; readonly returning: string };
  /** Gives the settings that a store depends on, in one row. */
  readonly settings: string;
  /** Why a store cannot do with these settings, or `null` where it can. */
  readonly settingsFault: (settings: Row, maxDataBytes: number) => string | null;
  /** Text as a value to be bound. */
  readonly bound: (text: string) => string | Buffer;
  readonly replyOf: (response: unknown) => Reply;
  readonly faultOf: (error: unknown) => Fault;
}

const dialects: Readonly<Record<string, Dialect>> = { pg: postgres, mysql2: mysql, 'better-sqlite3': sqlite };

/** The dialect of a knex instance, by its driver. */
export function dialectOf(knex: Knex): Dialect {
  const driver: unknown = knex?.client?.driverName;
  const dialect = typeof driver === 'string' && Object.hasOwn(dialects, driver) ? dialects[driver] : undefined;
  if (dialect) return dialect;
  throw new TypeError(
    `knex is an instance with the client ${Object.keys(dialects).join(', ')}; this one has ${String(driver)}.`,
  );
}
