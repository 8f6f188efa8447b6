import type { LegacySessions } from '../kept/legacy-sessions.ts';
import { inPages, pageSize } from './in-pages.ts';
import { legacySessions, parseSession, type ReaderOptions } from './left-behind.ts';
import { quoted } from './quoted.ts';

/** The part of a pool or connection of `mysql2/promise` that is called: one of `mysql2` has it as `pool.promise()`. */
export interface MysqlPool {
  query(sql: string, values: unknown[]): Promise<[result: unknown, ...rest: unknown[]]>;
}

export interface ExpressMysqlSessionOptions extends ReaderOptions {
  readonly pool: MysqlPool;
  /** What the library was given. */
  readonly schema?: {
    /** Default `sessions`. */
    readonly tableName?: string;
    /** Default: `session_id`, `expires` and `data`. */
    readonly columnNames?: { readonly session_id?: string; readonly expires?: string; readonly data?: string };
  };
}

/** The sessions that express-mysql-session left behind. They end at their `expires`, which is in whole seconds. */
export function expressMysqlSession({ pool, schema = {}, ...options }: ExpressMysqlSessionOptions): LegacySessions {
  const { tableName = 'sessions', columnNames = {} } = schema;
  const { session_id = 'session_id', expires = 'expires', data = 'data' } = columnNames;
  const table = quoted(tableName, '`');
  const id = quoted(session_id, '`');
  // A collation takes more than one text for the same, if only where they end with spaces.
  const isIt = `${id} = ? AND CAST(CONVERT(${id} USING utf8mb4) AS BINARY) = ?`;
  const select = `SELECT ${quoted(data, '`')} AS data, ${quoted(expires, '`')} AS expires FROM ${table} WHERE ${isIt}`;
  const remove = `DELETE FROM ${table} WHERE ${isIt}`;
  const list = `SELECT ${id} AS sid FROM ${table} WHERE ${id} > ? ORDER BY ${id} LIMIT ${pageSize}`;

  return legacySessions(
    {
      async find(sid) {
        const [rows] = await pool.query(select, [sid, Buffer.from(sid)]);
        const [row] = rows as Array<{ data: unknown; expires: number }>;
        if (!row) return null;
        // The driver parses a column of type JSON.
        const text = typeof row.data === 'string' ? row.data : JSON.stringify(row.data);
        return { session: parseSession(text), endsAt: Number(row.expires) * 1000 };
      },
      async remove(sid) {
        const [result] = await pool.query(remove, [sid, Buffer.from(sid)]);
        return (result as { affectedRows: number }).affectedRows > 0;
      },
      sids: (ask) =>
        inPages(ask, async (last) => {
          const [rows] = await pool.query(list, [last]);
          return (rows as Array<{ sid: string }>).map(({ sid }) => sid);
        }),
    },
    options,
  );
}
