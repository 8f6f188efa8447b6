import type { SqlReply, SqlRow } from '../sql-database.ts';
import type { Driver } from './driver.ts';

/** The part of a `Client` of `pg` that is used here. */
export interface PgConnection {
  query(query: {
    readonly name?: string;
    readonly text: string;
    readonly values: unknown[];
  }): PromiseLike<{ readonly rows: readonly SqlRow[]; readonly rowCount: number | null }>;
  /** Cuts the connection at once while a query is under way. */
  end(): PromiseLike<void>;
}

/** Connections on which a prepared statement does not stay: a pooler of transactions, or one who says `DISCARD ALL`. */
const forgetful = new WeakSet<PgConnection>();

/** `invalid_sql_statement_name` and `duplicate_prepared_statement`: nothing was done. */
const isForgotten = (error: unknown): boolean => /^(26000|42P05)$/.test(String((error as { code?: unknown })?.code));

/** `pg`: each statement is prepared under its name, once for each connection. */
export const pg: Driver<PgConnection> = {
  dialect: 'postgres',
  async run(connection, { name, text }, values, turn) {
    const ask = async (named: { readonly name?: string }): Promise<SqlReply> => {
      turn.begin(() => connection.end().then(undefined, () => {}));
      const { rows, rowCount } = await connection.query({ ...named, text, values: values as unknown[] });
      return { rows, count: rowCount ?? 0 };
    };
    if (forgetful.has(connection)) return ask({});
    try {
      return await ask({ name });
    } catch (error) {
      if (!isForgotten(error)) throw error;
      forgetful.add(connection);
      return ask({});
    }
  },
};
