import { isStoreError, StoreError } from '@stet/core';

/** Whether an error is one of the operating system's, with one of these codes (any code where none is given). */
export function isDiskError(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return false;
  return codes.length === 0 || codes.includes(error.code as string);
}

/**
 * What an error of the disk means before a commit, or `undefined` for another: a fault in the program, which stays as
 * it is.
 */
export function diskFailure(error: unknown): StoreError | undefined {
  if (!isDiskError(error)) return undefined;
  return new StoreError('STORE_UNAVAILABLE', `The disk refused ${error.syscall}: ${error.code}. Nothing was changed.`, {
    cause: error,
  });
}

/** The outcome of a write that may have happened and may be lost again. */
export function ambiguous(cause: unknown): StoreError {
  return new StoreError('STORE_AMBIGUOUS', 'The disk failed while the write was made final. Load the record to see.', {
    cause,
  });
}

/** What is kept for a session cannot be read. The message names no path: that has the id of the session in it. */
export function corrupt(message: string): StoreError {
  return new StoreError('STORE_CORRUPT_RECORD', message);
}

/** Resolves to `null` where the path does not exist. Every other failure stays one. */
export async function orMissing<T>(result: Promise<T>): Promise<T | null> {
  try {
    return await result;
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return null;
    throw error;
  }
}

/** For tidying that somebody else may have done, or that a later sweep will do. */
export async function ifPossible(result: Promise<unknown>): Promise<void> {
  try {
    await result;
  } catch (error) {
    if (!isDiskError(error)) throw error;
  }
}

/** Resolves to `null` for a record that cannot be read, where the others matter more. */
export async function unlessCorrupt<T>(result: Promise<T>): Promise<T | null> {
  try {
    return await result;
  } catch (error) {
    if (isStoreError(error) && error.code === 'STORE_CORRUPT_RECORD') return null;
    throw error;
  }
}
