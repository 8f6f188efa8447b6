import { isStoreError, StoreError } from '@stet/core';
import type { Fault } from './dialect.ts';

/** An error that shows that nothing was changed, as the contract has it. */
export function unavailable(error: unknown, fault: Fault): StoreError {
  const cause = withoutData(error);
  if (fault === 'no table') {
    const message = 'The table of the sessions is missing. Call createTable() once, or run its migration.';
    return new StoreError('STORE_UNAVAILABLE', message, { cause, retryable: false });
  }
  const message = `The database failed: ${messageOf(cause)}. Nothing was changed.`;
  return new StoreError('STORE_UNAVAILABLE', message, { cause });
}

/** The outcome of a write that may have happened, and of which the database does not tell. */
export function ambiguous(cause: unknown): StoreError {
  const message = 'The database did not confirm the write; it may have happened. Load the record to see.';
  return new StoreError('STORE_AMBIGUOUS', message, cause === undefined ? {} : { cause: withoutData(cause) });
}

/** Whether an error says that the database, and not the record or the program, is at fault. */
export function isOutage(error: unknown): boolean {
  return isStoreError(error) && (error.code === 'STORE_UNAVAILABLE' || error.code === 'STORE_TIMEOUT');
}

/**
 * knex puts the statement with its values before the message of the driver, and drivers leave it on the error: what a
 * visitor has in the session would end in the application's log.
 */
export function withoutData(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  error.message = messageOf(error).split(' - ').at(-1) ?? '';
  for (const property of ['sql', 'bindings']) Reflect.deleteProperty(error, property);
  return error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || String('code' in error ? error.code : error.name) : String(error);
}
