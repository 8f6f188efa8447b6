import { saidBy } from '../contract/driver-error.ts';
import { StoreError } from '../contract/store-error.ts';
import type { OperationKind } from './deadlines.ts';

const mistakes: ReadonlySet<string> = new Set([
  'TypeError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'AssertionError',
]);

/**
 * A driver's error as a `StoreError` that claims no more than is known: a write that failed may have happened.
 * `undefined` for a mistake of a program, which is no outage and stays as it is.
 */
export function failureOf(error: unknown, kind: OperationKind): StoreError | undefined {
  if (error instanceof Error && mistakes.has(error.name) && !('code' in error)) return undefined;
  return kind === 'read'
    ? new StoreError('STORE_UNAVAILABLE', `The store could not read: ${saidBy(error)}`, { cause: error })
    : new StoreError('STORE_AMBIGUOUS', `The store could not confirm the write: ${saidBy(error)}`, { cause: error });
}
