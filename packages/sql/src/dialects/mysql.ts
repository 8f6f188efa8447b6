import type { Dialect } from './dialect.ts';

/** ER_DUP_ENTRY, ER_TABLE_EXISTS_ERROR. */
const duplicate: ReadonlySet<unknown> = new Set([1062, 1050]);

/** ER_LOCK_DEADLOCK, ER_LOCK_WAIT_TIMEOUT, ER_CHECKREAD. */
const transient: ReadonlySet<unknown> = new Set([1213, 1205, 1020]);

/** The server shuts down, the connection was killed, the statement was interrupted, or the network failed. */
const unknown: ReadonlySet<unknown> = new Set([1053, 1152, 1158, 1159, 1160, 1161, 1317, 1927, 4031]);

const noSuchTable = 1146;

/** What a statement has besides the data. */
const statementBytes = 4_096;

/**
 * MySQL and MariaDB. Text travels as bytes both ways: the character set of the connection, and whether the server reads
 * backslashes in literals, are the application's, and must not decide what a session says.
 */
export const mysql: Dialect = {
  createTable: (table) => [
    `CREATE TABLE IF NOT EXISTS ${table} (
      id char(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
      revision bigint NOT NULL,
      nonce char(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      created_at bigint NOT NULL,
      expires_at bigint NOT NULL,
      subject varbinary(255),
      data longtext CHARACTER SET utf8mb4 NOT NULL,
      INDEX expires_at (expires_at),
      INDEX subject (subject)
    ) ENGINE = InnoDB`,
  ],
  quoted: (name) => `\`${name}\``,
  placed: (text) => text,
  dataRead: 'CAST(data AS BINARY)',
  dataWritten: 'CONVERT(? USING utf8mb4)',
  // There is no RETURNING for an update, but the argument of LAST_INSERT_ID comes back with the reply.
  keepingExpiry: { set: ', expires_at = LAST_INSERT_ID(expires_at)', returning: '' },
  // A row that an update leaves as it is is not written.
  touch: {
    text: (table) => `UPDATE ${table} SET expires_at = GREATEST(expires_at, ?) WHERE id = ? AND expires_at > ?`,
    values: (id, expiresAt, now) => [expiresAt, id, now],
    givesRows: false,
  },
  settings: 'SELECT @@autocommit AS autocommit, @@max_allowed_packet AS packet',
  settingsFault({ autocommit, packet }, { maxDataBytes }) {
    if (Number(autocommit) !== 1) return 'The connections have autocommit off; sessions need it on.';
    const needed = 2 * maxDataBytes + statementBytes;
    if (Number(packet) >= needed) return null;
    return `maxDataBytes of ${maxDataBytes} needs max_allowed_packet to be ${needed} at least; it is ${packet}.`;
  },
  bound: (text) => Buffer.from(text),
  faultOf(error) {
    const { errno, sqlState } = error as { errno?: unknown; sqlState?: unknown };
    // Only what the server said has a state; anything else happened on the way.
    if (sqlState === undefined || unknown.has(errno)) return 'lost';
    if (duplicate.has(errno)) return 'duplicate';
    if (transient.has(errno)) return 'transient';
    return errno === noSuchTable ? 'no table' : 'refused';
  },
};
