import { isStoreError, StoreError } from '@stet/core';

/** Whether an error is one of the operating system's, with one of these codes (any code where none is given). */
export function isDiskError(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return false;
  return codes.length === 0 || codes.includes(error.code as string);
}

/** An error of the disk as the contract has it. Any other is the store's already, or a fault in the program: it stays. */
export function asStoreError(error: unknown): unknown {
  if (isStoreError(error) || !isDiskError(error)) return error;
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

/** Undoes what an attempt prepared, where it lost or is certain to have failed. An ambiguous one may need it yet. */
export async function orUndo(attempt: Promise<boolean>, undo: () => Promise<void>): Promise<boolean> {
  try {
    const won = await attempt;
    if (!won) await undo();
    return won;
  } catch (error) {
    if (!isStoreError(error) || error.code !== 'STORE_AMBIGUOUS') await undo();
    throw error;
  }
}
