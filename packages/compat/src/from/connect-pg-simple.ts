import type { LegacySessions } from '../kept/legacy-sessions.ts';
import { inPages, pageSize } from './in-pages.ts';
import { legacySessions, parseSession, type ReaderOptions } from './left-behind.ts';
import { quoted } from './quoted.ts';

/** The part of a `Pool` or `Client` of pg that is called. */
export interface PgPool {
  query(
    text: string,
    values: string[],
  ): Promise<{ readonly rows: readonly unknown[]; readonly rowCount: number | null }>;
}

export interface ConnectPgSimpleOptions extends ReaderOptions {
  readonly pool: PgPool;
  /** What the library was given. Default: whatever the `search_path` of the connection finds. */
  readonly schemaName?: string;
  /** What the library was given. Default `session`. */
  readonly tableName?: string;
}

/** The sessions that connect-pg-simple left behind. They end at their `expire`. */
export function connectPgSimple({
  pool,
  schemaName,
  tableName = 'session',
  ...options
}: ConnectPgSimpleOptions): LegacySessions {
  const schema = schemaName === undefined ? '' : `${quoted(schemaName, '"')}.`;
  const table = schema + quoted(tableName, '"');
  // The column has no time zone: it is that of the connection, as it was when the library wrote it.
  const endsAt = 'extract(epoch FROM expire::timestamptz) * 1000';
  const select = `SELECT sess::text AS sess, ${endsAt} AS ends_at FROM ${table} WHERE sid = $1`;
  const remove = `DELETE FROM ${table} WHERE sid = $1`;
  const list = `SELECT sid FROM ${table} WHERE sid > $1 ORDER BY sid LIMIT ${pageSize}`;

  return legacySessions(
    {
      async find(sid) {
        const { rows } = await pool.query(select, [sid]);
        const [row] = rows as Array<{ sess: string; ends_at: string }>;
        return row ? { session: parseSession(row.sess), endsAt: Number(row.ends_at) } : null;
      },
      remove: async (sid) => Number((await pool.query(remove, [sid])).rowCount) > 0,
      sids: (ask) =>
        inPages(ask, async (last) => {
          const { rows } = await pool.query(list, [last]);
          return (rows as Array<{ sid: string }>).map(({ sid }) => sid);
        }),
    },
    options,
  );
}
