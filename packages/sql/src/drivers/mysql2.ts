import type { SqlRow } from '../sql-database.ts';
import type { Driver } from './driver.ts';

/** The part of a connection of `mysql2` that is used here. */
export interface Mysql2Connection {
  query(...query: never[]): unknown;
  destroy(): void;
}

/** The same as it is called here: its own types have several forms of each method. */
interface Queryable {
  query(query: object, done: (error: unknown, result: unknown) => void): unknown;
  readonly stream?: { destroy(): unknown };
  destroy(): void;
}

interface Changed {
  readonly affectedRows: number;
  readonly insertId: number | string;
}

/** What an application may have set for its own statements. */
const ownSettings = { rowsAsArray: false, nestTables: false, namedPlaceholders: false, typeCast: true };

/**
 * `mysql2`: the driver puts the values into the text. All that is text comes as bytes, which it writes in hexadecimal
 * digits.
 */
export const mysql2: Driver<Mysql2Connection> = {
  dialect: 'mysql',
  run(connection, { text, givesRows }, values, turn) {
    const queryable = connection as unknown as Queryable;
    return new Promise((resolve, reject) => {
      turn.begin(() => cut(queryable));
      queryable.query({ ...ownSettings, sql: text, values }, (error, result) => {
        if (error) return reject(error);
        if (givesRows) {
          const rows = result as readonly SqlRow[];
          return resolve({ rows, count: rows.length });
        }
        const { affectedRows, insertId } = result as Changed;
        resolve({ rows: [], count: affectedRows, insertId });
      });
    });
  },
};

/** Its own `destroy` waits for the server to hang up, and the query would never end. */
function cut(connection: Queryable): void {
  if (connection.stream) connection.stream.destroy();
  else connection.destroy();
}
