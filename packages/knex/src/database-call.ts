import { setTimeout as sleep } from 'node:timers/promises';
import { isStoreError, type OperationKind, StoreError } from '@stet/core';
import type { Knex } from 'knex';
import { ambiguous, isOutage, unavailable, withoutData } from './database-error.ts';
import type { Dialect, Reply, Row } from './dialect.ts';

export interface Database {
  readonly knex: Knex;
  readonly dialect: Dialect;
  readonly timeoutMs: number;
}

/** What is bound to a placeholder. */
export type Value = string | number | Buffer | null;

type Bindings = readonly Value[];

/** The statements of one call of the store. Each is committed by itself. */
export interface DatabaseCall {
  /** Runs a statement that changes nothing. */
  read(statement: string, bindings: Bindings): Promise<readonly Row[]>;
  /** Runs a statement that changes rows. It counts none where a row like it is there, and where its outcome is in doubt. */
  write(statement: string, bindings: Bindings): Promise<Reply>;
  /** Rejects with `STORE_AMBIGUOUS` where a write of this call may have happened without the database saying so. */
  assertCertain(): void;
}

const nothing: Reply = { rows: [], count: 0 };
const longestPauseMs = 100;

/**
 * Runs the statements of one call within the deadline. What gave way to another transaction is tried again, and so is reading
 * over a connection that broke. A statement whose turn comes after the deadline is not sent any more, so that only what was
 * sent and not confirmed is ambiguous.
 */
export async function callDatabase<T>(
  { knex, dialect, timeoutMs }: Database,
  kind: OperationKind,
  operation: (call: DatabaseCall) => Promise<T>,
): Promise<T> {
  let isLate = false;
  let underWay: OperationKind | undefined;
  let lost: { readonly cause: unknown } | undefined;
  let yielded: unknown;

  const late = (): StoreError => {
    if (lost || underWay === 'write') return ambiguous(lost?.cause);
    if (underWay && kind === 'read') {
      return new StoreError('STORE_TIMEOUT', `The database did not answer within ${timeoutMs} ms.`);
    }
    const message = `The database had no connection or no lock to give within ${timeoutMs} ms. Nothing was changed.`;
    return new StoreError('STORE_UNAVAILABLE', message, yielded === undefined ? {} : { cause: yielded });
  };

  async function run(statement: string, bindings: Bindings, does: OperationKind): Promise<Reply> {
    for (let attempt = 0; ; attempt += 1) {
      let sent = false;
      try {
        const query = knex.raw(statement, bindings as Knex.RawBinding[]);
        // A connection that does not answer is closed by knex, and does not come back to its pool.
        query.timeout(timeoutMs);
        query.on('query', () => {
          if (isLate) throw late();
          sent = true;
          underWay = does;
        });
        const reply = dialect.replyOf(await query);
        underWay = undefined;
        return reply;
      } catch (error) {
        underWay = undefined;
        if (isStoreError(error)) throw error;
        const fault = sent ? dialect.faultOf(error) : 'refused';
        if (fault === 'duplicate') return nothing;
        if (fault === 'lost' && does === 'write') {
          if (lost) throw ambiguous(error);
          lost = { cause: error };
          return nothing;
        }
        if (fault !== 'transient' && fault !== 'lost') throw unavailable(error, fault);
        yielded = withoutData(error);
        if (isLate) throw late();
      }
      await sleep(Math.random() * Math.min(2 ** attempt * 5, longestPauseMs));
    }
  }

  const call: DatabaseCall = {
    read: async (statement, bindings) => (await run(statement, bindings, 'read')).rows,
    write: (statement, bindings) => run(statement, bindings, 'write'),
    assertCertain() {
      if (lost) throw ambiguous(lost.cause);
    },
  };

  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true;
      reject(late());
    }, timeoutMs);
  });
  try {
    return await Promise.race([operation(call), deadline]);
  } catch (error) {
    throw lost && isOutage(error) ? ambiguous(lost.cause) : error;
  } finally {
    clearTimeout(timer);
  }
}
