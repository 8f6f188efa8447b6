import type { Socket } from 'node:net';
import { whenClosed } from './connection.ts';
import type { Callback } from './memcached-client.ts';

/** What came of a command: a value, an error, or nothing (`undefined`). */
export type Answer<T> = { readonly value: T } | { readonly error: unknown } | undefined;

/**
 * Sends a command and waits for its answer until the time is up or the connection closes, if that is known. The client never
 * calls back for a connection that died under a command or a server that stalls, may call back twice, and may throw. An answer that
 * has arrived when the time is up, and was not read because this process was busy, still counts.
 */
export function answerWithin<T>(
  timeoutMs: number,
  connection: Socket | undefined,
  send: (callback: Callback<T>) => void,
): Promise<Answer<T>> {
  return new Promise((resolve) => {
    const giveUp = (): void => settle(undefined);
    const timer = setTimeout(() => setImmediate(giveUp), timeoutMs);
    const unwatch = connection && whenClosed(connection, giveUp);
    const settle = (answer: Answer<T>): void => {
      clearTimeout(timer);
      unwatch?.();
      resolve(answer);
    };
    try {
      send((error, value) => settle(error ? { error } : { value }));
    } catch (error) {
      settle({ error });
    }
  });
}
