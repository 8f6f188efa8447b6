import { setTimeout as sleep } from 'node:timers/promises';
import { type Deadline, isStoreError, type OperationKind, StoreError } from '@stet/core';
import type { Dialect } from '../dialects/dialect.ts';
import type { SqlDatabase, SqlReply, SqlRow, SqlStatement, SqlTurn, SqlValue } from '../sql-database.ts';
import { type Awaitable, andThen, isPromiseLike } from './awaitable.ts';
import { ambiguous, isOutage, unavailable, withoutValues } from './database-error.ts';

type Values = readonly SqlValue[];

const nothing: SqlReply = { rows: [], count: 0 };
const longestPauseMs = 100;

/**
 * The statements of one call of a store, within its deadline. Each is committed by itself. What gave way to another
 * transaction is tried again, and so is reading over a connection that broke. A statement whose turn comes after the
 * deadline is not sent any more, so that only what was sent and not confirmed is ambiguous.
 */
export class DatabaseCall implements SqlTurn {
  readonly #database: SqlDatabase;
  readonly #faultOf: Dialect['faultOf'];
  readonly #deadline: Deadline;
  /** What the statement does whose turn it is, and whether it was sent. */
  #does: OperationKind = 'read';
  #isSent = false;
  #abandon: (() => void) | undefined;
  /** A write of this call may have happened without the database saying so. */
  #lost: { readonly cause: unknown } | undefined;
  #yielded: unknown;

  constructor(database: SqlDatabase, { faultOf }: Dialect, deadline: Deadline) {
    this.#database = database;
    this.#faultOf = faultOf;
    this.#deadline = deadline;
    deadline.explain = () => this.#runOutOfTime();
  }

  begin(abandon?: () => void): void {
    this.#deadline.assertAhead();
    this.#isSent = true;
    this.#abandon = abandon;
  }

  /** Runs a statement that changes nothing. */
  read(statement: SqlStatement, values: Values): Awaitable<readonly SqlRow[]> {
    return andThen(this.#run(statement, values, 'read'), ({ rows }) => rows);
  }

  /**
   * Runs a statement that changes rows. It counts none where a row like it is there, and where its outcome is in doubt.
   */
  write(statement: SqlStatement, values: Values): Awaitable<SqlReply> {
    return this.#run(statement, values, 'write');
  }

  /** Throws `STORE_AMBIGUOUS` where a write of this call may have happened without the database saying so. */
  assertCertain(): void {
    if (this.#lost) throw ambiguous(this.#lost.cause);
  }

  /**
   * What an error means that ended the call: that the database failed afterwards does not tell what became of a lost
   * write.
   */
  verdict(error: unknown): unknown {
    return this.#lost && isOutage(error) ? ambiguous(this.#lost.cause) : error;
  }

  #run(statement: SqlStatement, values: Values, does: OperationKind, attempt = 0): Awaitable<SqlReply> {
    this.#does = does;
    try {
      const reply = this.#database.run(statement, values, this);
      if (!isPromiseLike(reply)) return this.#answered(reply);
      return reply.then(
        (answer) => this.#answered(answer),
        (error) => this.#failed(error, statement, values, does, attempt),
      );
    } catch (error) {
      return this.#failed(error, statement, values, does, attempt);
    }
  }

  #answered(reply: SqlReply): SqlReply {
    this.#isSent = false;
    return reply;
  }

  async #failed(
    thrown: unknown,
    statement: SqlStatement,
    values: Values,
    does: OperationKind,
    attempt: number,
  ): Promise<SqlReply> {
    const fault = this.#isSent ? this.#faultOf(thrown) : 'refused';
    this.#isSent = false;
    if (isStoreError(thrown)) throw thrown;
    const error = withoutValues(thrown, values);
    if (fault === 'duplicate') return nothing;
    if (fault === 'lost' && does === 'write') {
      if (this.#lost) throw ambiguous(error);
      this.#lost = { cause: error };
      return nothing;
    }
    if (fault !== 'transient' && fault !== 'lost') throw unavailable(error, fault);
    this.#yielded = error;
    this.#deadline.assertAhead();
    await sleep(Math.random() * Math.min(2 ** attempt * 5, longestPauseMs));
    return this.#run(statement, values, does, attempt + 1);
  }

  /** The error for the caller; and a connection with a statement on it that nobody waits for any more is given up. */
  #runOutOfTime(): StoreError {
    const { kind, timeoutMs } = this.#deadline;
    const isSent = this.#isSent;
    this.#isSent = false;
    if (isSent) this.#abandon?.();
    if (this.#lost || (isSent && this.#does === 'write')) return ambiguous(this.#lost?.cause);
    if (isSent && kind === 'read') {
      return new StoreError('STORE_TIMEOUT', `The database did not answer within ${timeoutMs} ms.`);
    }
    const message = `The database had no connection or no lock to give within ${timeoutMs} ms. Nothing was changed.`;
    return new StoreError('STORE_UNAVAILABLE', message, { cause: this.#yielded });
  }
}
