import { isStoreError, StoreError, saidBy } from '@stet/core';
import type { Fault } from '../dialects/dialect.ts';
import type { SqlValue } from '../sql-database.ts';

/** An error that shows that nothing was changed, as the contract has it. */
export function unavailable(cause: unknown, fault: Fault): StoreError {
  if (fault === 'no table') {
    const message = 'The table of the sessions is missing. Call createTable() once, or run its migration.';
    return new StoreError('STORE_UNAVAILABLE', message, { cause, retryable: false });
  }
  return new StoreError('STORE_UNAVAILABLE', `The database failed: ${saidBy(cause)}. Nothing was changed.`, { cause });
}

/** The outcome of a write that may have happened, and of which the database does not tell. */
export function ambiguous(cause: unknown): StoreError {
  const message = 'The database did not confirm the write; it may have happened. Load the record to see.';
  return new StoreError('STORE_AMBIGUOUS', message, { cause });
}

/** Whether an error says that the database, and not the record or the program, is at fault. */
export function isOutage(error: unknown): boolean {
  return isStoreError(error) && (error.code === 'STORE_UNAVAILABLE' || error.code === 'STORE_TIMEOUT');
}

/** As much of a value as tells it from what a database says anyway, and as even a message that is cut has of it. */
const tellingCharacters = { least: 4, most: 16 } as const;

/**
 * The error of a driver, or another one with its codes where its message has what was sent in it, such as that of a
 * trigger which the administrator wrote. Core takes out what stands in quotation marks; a trigger needs none.
 */
export function withoutValues(error: unknown, values: readonly SqlValue[]): unknown {
  if (!(error instanceof Error) || !values.some((value) => isIn(error.message, value))) return error;
  const { code, errno, errcode, sqlState, severity } = error as Error & Readonly<Record<string, unknown>>;
  const message = 'What the database says has the session in it, and is left out';
  return Object.assign(new Error(message), { code, errno, errcode, sqlState, severity });
}

function isIn(message: string, value: SqlValue): boolean {
  if (value === null || typeof value === 'number') return false;
  const text = value.toString().slice(0, tellingCharacters.most);
  return text.length >= tellingCharacters.least && message.includes(text);
}
