import { StoreError } from '@stet/core';

/** The error of a directory that the store will not use as it is. Trying again does not help. */
export function refused(directory: string, reason: string, remedy: string): StoreError {
  return new StoreError('STORE_UNAVAILABLE', `${directory} ${reason}. ${remedy}`, { retryable: false });
}
