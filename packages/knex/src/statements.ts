import type { Dialect } from './dialect.ts';

/** The text of every statement of a store, made once. The names of the results have no underscore for knex to turn into camel case. */
export interface Statements {
  readonly select: string;
  readonly insert: string;
  readonly update: string;
  /** An update that leaves the expiry alone; its reply has it as `expires`. */
  readonly updateKeepingExpiry: string;
  readonly touch: string;
  readonly deleteLive: string;
  /** Deletes what reads as no record: one that has expired, or a lease. */
  readonly deleteUnlessLive: string;
  readonly selectPage: string;
  readonly selectSubject: string;
  /** Puts a whole row in the place of the one with that nonce and that expiry. */
  readonly replace: string;
  readonly selectExpiring: string;
  /** Deletes those of so many ids whose expiry is in a range. */
  readonly deleteExpiring: (count: number) => string;
}

export function statementsOf(dialect: Dialect, table: string): Statements {
  const { dataRead, dataWritten, greatest, keepingExpiry } = dialect;
  const select = `SELECT id, revision, nonce, created_at AS created, expires_at AS expires, subject, ${dataRead} AS data FROM ${table}`;
  const update = `UPDATE ${table} SET revision = revision + 1, nonce = ?, subject = ?, data = ${dataWritten}`;
  const ofBase = 'WHERE id = ? AND revision = ? AND expires_at > ?';
  return {
    select: `${select} WHERE id = ?`,
    insert: `INSERT INTO ${table} (revision, nonce, created_at, expires_at, subject, data, id) VALUES (?, ?, ?, ?, ?, ${dataWritten}, ?)`,
    update: `${update}, expires_at = ? ${ofBase}`,
    updateKeepingExpiry: `${update}${keepingExpiry.set} ${ofBase}${keepingExpiry.returning}`,
    touch: `UPDATE ${table} SET expires_at = ${greatest}(expires_at, ?) WHERE id = ? AND expires_at > ?`,
    deleteLive: `DELETE FROM ${table} WHERE id = ? AND expires_at > ?`,
    deleteUnlessLive: `DELETE FROM ${table} WHERE id = ? AND expires_at <= ?`,
    selectPage: `${select} WHERE id > ? AND expires_at > ? ORDER BY id LIMIT ?`,
    selectSubject: `${select} WHERE subject = ? AND expires_at > ?`,
    replace: `UPDATE ${table} SET revision = ?, nonce = ?, created_at = ?, expires_at = ?, subject = ?, data = ${dataWritten} WHERE id = ? AND nonce = ? AND expires_at = ?`,
    selectExpiring: `SELECT id, expires_at AS expires FROM ${table} WHERE expires_at BETWEEN ? AND ? ORDER BY expires_at LIMIT ?`,
    deleteExpiring: (count) =>
      `DELETE FROM ${table} WHERE id IN (${Array(count).fill('?').join(', ')}) AND expires_at BETWEEN ? AND ?`,
  };
}
