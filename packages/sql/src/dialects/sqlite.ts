import type { Dialect, Fault } from './dialect.ts';

/** `synchronous` as SQLite numbers it: OFF, NORMAL, FULL, EXTRA. */
const full = 2;

/** The longest that a statement may stop the whole process, in milliseconds, because another process writes. */
const longestStandstillMs = 100;

/** What an application left a connection in; see {@link inTransaction}. */
const transactionCode = 'STET_IN_TRANSACTION';

const advice = 'Call configureSqlite() on each connection.';

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
  quoted: (name) => `"${name}"`,
  placed: (text) => text,
  dataRead: 'data',
  dataWritten: '?',
  keepingExpiry: { set: '', returning: ' RETURNING expires_at AS expires' },
  // An update writes its page to the log and waits for the disk, even where it changes nothing.
  touch: {
    text: (table) => `UPDATE ${table} SET expires_at = ? WHERE id = ? AND expires_at BETWEEN ? AND ?`,
    values: (id, expiresAt, now) => [expiresAt, id, now + 1, expiresAt - 1],
    givesRows: false,
  },
  settings:
    'SELECT journal_mode AS journal, synchronous, timeout FROM pragma_journal_mode, pragma_synchronous, pragma_busy_timeout',
  settingsFault({ journal, synchronous, timeout }, { inMemory }) {
    if (Number(timeout) > longestStandstillMs) {
      return `SQLite would stop this process for up to ${timeout} ms to wait for another one; sessions need a busy_timeout of at most ${longestStandstillMs} ms. ${advice}`;
    }
    if (inMemory || (journal === 'wal' && Number(synchronous) >= full)) return null;
    return `SQLite has journal_mode ${journal} and synchronous ${synchronous}; sessions need a file with WAL and FULL. ${advice}`;
  },
  bound: (text) => text,
  faultOf(error) {
    const { code, errcode, message } = error as { code?: unknown; errcode?: unknown; message?: unknown };
    const fault = typeof errcode === 'number' ? faultOfNumber(errcode) : faultOfName(String(code));
    return fault === 'refused' && /no such table: \S+$/.test(String(message)) ? 'no table' : fault;
  },
};

/** better-sqlite3 has the name of the result code in `code`. */
function faultOfName(name: string): Fault {
  if (/^SQLITE_CONSTRAINT_(PRIMARYKEY|UNIQUE)$/.test(name)) return 'duplicate';
  if (/^SQLITE_(BUSY|LOCKED)/.test(name) || name === transactionCode) return 'transient';
  // A commit that the disk failed to sync may come back when the log is recovered.
  return /^SQLITE_IOERR/.test(name) ? 'lost' : 'refused';
}

/**
 * `node:sqlite` has its number in `errcode`; the lowest byte of an extended one is the class
 * (https://sqlite.org/rescode.html).
 */
function faultOfNumber(number: number): Fault {
  const [primaryKey, unique] = [1555, 2067];
  if (number === primaryKey || number === unique) return 'duplicate';
  const [busy, locked, ioError] = [5, 6, 10];
  const kind = number & 0xff;
  if (kind === busy || kind === locked) return 'transient';
  return kind === ioError ? 'lost' : 'refused';
}

/**
 * The error of a statement that would have become part of a transaction which the application has open on the
 * connection: the session would be rolled back with it. The statement waits until the transaction has ended.
 */
export function inTransaction(): Error {
  const message = 'The application has a transaction open on the connection of the store.';
  return Object.assign(new Error(message), { code: transactionCode });
}
