import type { EventEmitter } from 'node:events';
import { StoreError } from '@stet/core';

export type Callback<T> = (error: unknown, value?: T) => void;

/**
 * Answers by callback: once, after the caller has returned, and from outside of any promise, so that what a callback
 * throws is its own. An error that nobody waits for is emitted, or becomes a process warning where nobody listens.
 */
export function answer<T>(emitter: EventEmitter, operation: Promise<T>, callback: Callback<T> | undefined): void {
  operation.then(
    (value) => {
      if (callback) process.nextTick(callback, null, value);
    },
    (cause: unknown) => {
      const error = failure(cause);
      if (callback) process.nextTick(callback, error);
      else if (emitter.listenerCount('error') > 0) process.nextTick(() => emitter.emit('error', error));
      else process.emitWarning(error);
    },
  );
}

/** The hosts take the code ENOENT, and an error that is falsy, for “no such session”, and would start an empty one. */
function failure(cause: unknown): Error {
  if (cause instanceof Error && (cause as NodeJS.ErrnoException).code !== 'ENOENT') return cause;
  return new StoreError('STORE_UNAVAILABLE', 'The store failed.', { cause });
}
