import type { Dialect, Row } from '../dialect.ts';

/** `synchronous` as SQLite numbers it: OFF, NORMAL, FULL, EXTRA. */
const full = 2;

export const sqlite: Dialect = {
  createTable: (table, indexName) => [
    `CREATE TABLE IF NOT EXISTS ${table} (
      id text NOT NULL PRIMARY KEY,
      revision integer NOT NULL,
      nonce text NOT NULL,
      created_at integer NOT NULL,
      expires_at integer NOT NULL,
      subject text,
      data text NOT NULL
    ) STRICT`,
    `CREATE INDEX IF NOT EXISTS ${indexName('expires_at')} ON ${table} (expires_at)`,
    `CREATE INDEX IF NOT EXISTS ${indexName('subject')} ON ${table} (subject) WHERE subject IS NOT NULL`,
  ],
  dataRead: 'data',
  dataWritten: '?',
  greatest: 'MAX',
  keepingExpiry: { set: '', returning: ' RETURNING expires_at AS expires' },
  settings: 'SELECT journal_mode AS journal, synchronous FROM pragma_journal_mode, pragma_synchronous',
  settingsFault: ({ journal, synchronous }) =>
    journal === 'wal' && Number(synchronous) >= full
      ? null
      : `SQLite has journal_mode ${journal} and synchronous ${synchronous}; sessions need a file with WAL and FULL: pool: { afterCreate: configureSqlite }.`,
  bound: (text) => text,
  replyOf(response) {
    if (Array.isArray(response)) return { rows: response as Row[], count: response.length };
    return { rows: [], count: (response as { changes: number }).changes };
  },
  faultOf(error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    const name = String(code);
    if (/^SQLITE_CONSTRAINT_(PRIMARYKEY|UNIQUE)$/.test(name)) return 'duplicate';
    if (/^SQLITE_(BUSY|LOCKED)/.test(name)) return 'transient';
    // A commit that the disk failed to sync may come back when the log is recovered.
    if (/^SQLITE_IOERR/.test(name)) return 'lost';
    return /no such table: \S+$/.test(String(message)) ? 'no table' : 'refused';
  },
};
