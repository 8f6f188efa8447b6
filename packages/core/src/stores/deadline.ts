import { StoreError } from '../contract/store-error.ts';
import type { OperationKind } from './deadlines.ts';

/**
 * Settles with the operation, or rejects once `timeoutMs` have passed: a read with `STORE_TIMEOUT`, a write, which may yet
 * happen, with `STORE_AMBIGUOUS`. The operation itself goes on; what it comes to later is dropped.
 */
export async function withinDeadline<T>(
  timeoutMs: number,
  kind: OperationKind,
  operation: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        kind === 'read'
          ? new StoreError('STORE_TIMEOUT', `The store did not answer within ${timeoutMs} ms.`)
          : new StoreError(
              'STORE_AMBIGUOUS',
              `The store did not confirm the write within ${timeoutMs} ms; it may yet happen.`,
            ),
      );
    }, timeoutMs);
  });
  try {
    return await Promise.race([operation(), expiry]);
  } finally {
    clearTimeout(timer);
  }
}
