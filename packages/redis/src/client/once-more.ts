import type { Deadline } from '@stet/core';
import type { RedisClient } from './redis-client.ts';
import { isOpen } from './redis-error.ts';

/** Sends a command that changes nothing; once more where the connection was lost before the reply. */
export function read(client: RedisClient, deadline: Deadline, command: string, ...args: string[]): Promise<unknown> {
  return onceMore(deadline, () => client.call(command, ...args));
}

/** Does what may be done any number of times; once more where the connection was lost before the reply. */
export function onceMore<T>(deadline: Deadline, send: () => Promise<T>): Promise<T> {
  return send().catch((error: unknown) => {
    if (!isOpen(error)) throw error;
    deadline.assertAhead();
    return send();
  });
}
