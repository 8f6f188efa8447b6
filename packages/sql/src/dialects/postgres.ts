import type { Dialect } from './dialect.ts';

const duplicate: ReadonlySet<unknown> = new Set(['23505', '42P07', '42710']);
const transient: ReadonlySet<unknown> = new Set(['40001', '40P01']);

/**
 * Of these conditions the server itself does not say whether the statement was done: SQLSTATE classes 08 and 57P, and
 * 40003.
 */
const unknown = /^(08|57P|40003)/;

export const postgres: Dialect = {
  createTable: (table, indexName) => [
    `CREATE TABLE IF NOT EXISTS ${table} (
      id text COLLATE "C" PRIMARY KEY,
      revision bigint NOT NULL,
      nonce text COLLATE "C" NOT NULL,
      created_at bigint NOT NULL,
      expires_at bigint NOT NULL,
      subject text COLLATE "C",
      data text NOT NULL
    )`,
    `CREATE INDEX IF NOT EXISTS ${indexName('expires_at')} ON ${table} (expires_at)`,
    `CREATE INDEX IF NOT EXISTS ${indexName('subject')} ON ${table} (subject) WHERE subject IS NOT NULL`,
  ],
  quoted: (name) => `"${name}"`,
  placed(text) {
    let at = 0;
    return text.replaceAll('?', () => `$${++at}`);
  },
  dataRead: 'data',
  dataWritten: '?',
  keepingExpiry: { set: '', returning: ' RETURNING expires_at AS expires' },
  // One statement for both, because an update writes a new version of the row even where it changes nothing. What the
  // table held when the statement began tells whether the session was there.
  touch: {
    text: (table) =>
      `WITH extended AS (UPDATE ${table} SET expires_at = ? WHERE id = ? AND expires_at BETWEEN ? AND ?)
      SELECT 1 AS live FROM ${table} WHERE id = ? AND expires_at > ?`,
    values: (id, expiresAt, now) => [expiresAt, id, now + 1, expiresAt - 1, id, now],
    givesRows: true,
  },
  settings: `SELECT current_setting('server_encoding') AS encoding`,
  settingsFault: ({ encoding }) =>
    encoding === 'UTF8' ? null : `The database has the encoding ${encoding}; sessions need one with the encoding UTF8.`,
  bound: (text) => text,
  faultOf(error) {
    const { code, severity } = error as { code?: unknown; severity?: unknown };
    // Only what the server said has a severity; anything else happened on the way.
    if (severity === undefined || unknown.test(String(code))) return 'lost';
    if (duplicate.has(code)) return 'duplicate';
    if (transient.has(code)) return 'transient';
    return code === '42P01' ? 'no table' : 'refused';
  },
};
