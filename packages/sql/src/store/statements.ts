import { hash } from 'node:crypto';
import type { Dialect } from '../dialects/dialect.ts';
import type { SqlStatement } from '../sql-database.ts';

/**
 * Every statement of a store, made once. The names of the results have no underscore for anybody to turn into camel
 * case.
 */
export interface Statements {
  readonly settings: SqlStatement;
  readonly select: SqlStatement;
  /** A row without what is long in it. */
  readonly selectState: SqlStatement;
  readonly insert: SqlStatement;
  readonly update: SqlStatement;
  /** An update that leaves the expiry alone; its reply has it as `expires`. */
  readonly updateKeepingExpiry: SqlStatement;
  readonly touch: SqlStatement;
  readonly deleteLive: SqlStatement;
  /** Deletes what reads as no record: one that has expired, or a lease. */
  readonly deleteUnlessLive: SqlStatement;
  readonly selectPage: SqlStatement;
  readonly selectSubject: SqlStatement;
  /** Puts a whole row in the place of the one with that nonce and that expiry. */
  readonly replace: SqlStatement;
  readonly selectExpiring: SqlStatement;
  /** Delete those of so many ids whose expiry is in a range. */
  readonly deleteExpiring: ReadonlyArray<{ readonly ids: number; readonly statement: SqlStatement }>;
}

/** How many ids are deleted at a time. Each number is a statement of its own to be prepared, so there are few. */
const sweepSizes = [10, 100, 500] as const;

/** The most rows that a sweep deletes at a time. */
export const rowsPerSweep: number = sweepSizes[2];

export function statementsOf(dialect: Dialect, table: string): Statements {
  const { dataRead, dataWritten, keepingExpiry, touch } = dialect;
  const state = 'nonce, expires_at AS expires';
  const all = `id, revision, created_at AS created, subject, ${state}, ${dataRead} AS data`;
  const update = `UPDATE ${table} SET revision = revision + 1, nonce = ?, subject = ?, data = ${dataWritten}`;
  // A row that no session can have, because one of its numbers is not its base's or is too great to be read, is left as
  // it is.
  const ofBase = `WHERE id = ? AND revision = ? AND created_at = ? AND expires_at BETWEEN ? AND ${Number.MAX_SAFE_INTEGER}`;
  const gives = (text: string): SqlStatement => statement(dialect, text, true);
  const changes = (text: string): SqlStatement => statement(dialect, text, false);
  return {
    settings: gives(dialect.settings),
    select: gives(`SELECT ${all} FROM ${table} WHERE id = ?`),
    selectState: gives(`SELECT ${state} FROM ${table} WHERE id = ?`),
    insert: changes(
      `INSERT INTO ${table} (revision, nonce, created_at, expires_at, subject, data, id) VALUES (?, ?, ?, ?, ?, ${dataWritten}, ?)`,
    ),
    update: changes(`${update}, expires_at = ? ${ofBase}`),
    updateKeepingExpiry: statement(
      dialect,
      `${update}${keepingExpiry.set} ${ofBase}${keepingExpiry.returning}`,
      keepingExpiry.returning !== '',
    ),
    touch: statement(dialect, touch.text(table), touch.givesRows),
    deleteLive: changes(`DELETE FROM ${table} WHERE id = ? AND expires_at > ?`),
    deleteUnlessLive: changes(`DELETE FROM ${table} WHERE id = ? AND expires_at <= ?`),
    selectPage: gives(`SELECT ${all} FROM ${table} WHERE id > ? AND expires_at > ? ORDER BY id LIMIT ?`),
    selectSubject: gives(`SELECT ${all} FROM ${table} WHERE subject = ? AND expires_at > ?`),
    replace: changes(
      `UPDATE ${table} SET revision = ?, nonce = ?, created_at = ?, expires_at = ?, subject = ?, data = ${dataWritten} WHERE id = ? AND nonce = ? AND expires_at = ?`,
    ),
    selectExpiring: gives(
      `SELECT id, expires_at AS expires FROM ${table} WHERE expires_at BETWEEN ? AND ? ORDER BY expires_at LIMIT ?`,
    ),
    deleteExpiring: sweepSizes.map((ids) => ({
      ids,
      statement: changes(
        `DELETE FROM ${table} WHERE id IN (${Array(ids).fill('?').join(', ')}) AND expires_at BETWEEN ? AND ?`,
      ),
    })),
  };
}

/** A statement, named after its verb and its text: the stores of two tables may share a connection. */
export function statement({ placed }: Dialect, text: string, givesRows: boolean): SqlStatement {
  const [verb] = /\b(SELECT|INSERT|UPDATE|DELETE|CREATE)\b/.exec(text) ?? [];
  return Object.freeze({
    name: `stet ${verb} ${hash('sha256', text).slice(0, 16)}`,
    text: placed(text),
    givesRows,
  });
}
