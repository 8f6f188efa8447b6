import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What a call answers by its callback: a rejection, or the value. Fails where the callback is called at once, or twice.
 */
export function answered<T = unknown>(
  call: (callback: (error: unknown, value?: unknown) => void) => unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let calls = 0;
    let hasReturned = false;
    call((error, value) => {
      calls += 1;
      if (!hasReturned) reject(new Error('The callback was called before the call returned.'));
      else if (calls > 1) reject(new Error('The callback was called twice.'));
      // A second call would come right behind the first.
      else sleep(1).then(() => (error ? reject(error) : resolve(value as T)));
    });
    hasReturned = true;
  });
}
