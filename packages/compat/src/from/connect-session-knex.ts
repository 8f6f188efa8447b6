import type { LegacySessions } from '../kept/legacy-sessions.ts';
import { inPages, pageSize } from './in-pages.ts';
import { legacySessions, parseSession, type ReaderOptions } from './left-behind.ts';

/* biome-ignore-start lint/suspicious/noExplicitAny: what knex gives has another type after each clause. */
/** The part of a knex instance that is called. */
export interface KnexClient {
  (
    tableName: string,
  ): { whereRaw(sql: string, bindings: any): any; where(column: string, operator: string, value: string): any };
  readonly client: any;
  raw(sql: string): any;
}
/* biome-ignore-end lint/suspicious/noExplicitAny: see above. */

export interface ConnectSessionKnexOptions extends ReaderOptions {
  /** An instance for PostgreSQL, MySQL, MariaDB or SQLite. */
  readonly knex: KnexClient;
  /** What the library was given. Default `sessions`. */
  readonly tableName?: string;
  /** What the library was given. Default `sid`. */
  readonly sidFieldName?: string;
}

interface Dialect {
  /** The condition that a row is that of the session. */
  readonly isIt: string;
  /** The column `expired` in Unix milliseconds; where it has no time zone, the library means UTC. */
  readonly endsAt: string;
}

const equal = ':column: = :sid';

const dialects: Readonly<Record<string, Dialect>> = {
  postgresql: { isIt: equal, endsAt: 'extract(epoch from expired) * 1000' },
  mysql: {
    // A collation takes more than one text for the same: one in capitals, say.
    isIt: `${equal} and cast(convert(:column: using utf8mb4) as binary) = :bytes`,
    endsAt: "timestampdiff(second, '1970-01-01', expired) * 1000",
  },
  sqlite3: { isIt: equal, endsAt: "strftime('%s', expired) * 1000 + substr(strftime('%f', expired), 4)" },
};

/** The sessions that connect-session-knex left behind. They end at their `expired`. */
export function connectSessionKnex({
  knex,
  tableName = 'sessions',
  sidFieldName: column = 'sid',
  ...options
}: ConnectSessionKnexOptions): LegacySessions {
  for (const name of [tableName, column]) {
    if (!/^[\p{L}_][\p{L}\p{N}_$]*$/u.test(name)) throw new TypeError(`${JSON.stringify(name)} is no plain name.`);
  }
  const dialect = dialects[knex.client.dialect];
  if (!dialect) throw new TypeError('knex is an instance for PostgreSQL, MySQL, MariaDB or SQLite.');
  const row = (sid: string) => knex(tableName).whereRaw(dialect.isIt, { column, sid, bytes: Buffer.from(sid) });

  return legacySessions(
    {
      async find(sid) {
        const [found] = await row(sid).select('sess', knex.raw(`${dialect.endsAt} as ends_at`));
        if (!found) return null;
        const { sess, ends_at } = found;
        // The driver parses a column of type JSON.
        const session = parseSession(typeof sess === 'string' ? sess : JSON.stringify(sess));
        return { session, endsAt: Number(ends_at ?? Number.NaN) };
      },
      remove: async (sid) => (await row(sid).delete()) > 0,
      sids: (ask) =>
        inPages(ask, (last) => knex(tableName).where(column, '>', last).orderBy(column).limit(pageSize).pluck(column)),
    },
    options,
  );
}
