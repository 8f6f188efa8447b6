import type { RedisClient } from './redis-client.ts';
import { isOpen } from './redis-error.ts';

/** Sends a command that changes nothing; once more where the connection was lost before the reply. */
export async function read(client: RedisClient, command: string, ...args: string[]): Promise<unknown> {
  try {
    return await client.call(command, ...args);
  } catch (error) {
    if (!isOpen(error)) throw error;
    return client.call(command, ...args);
  }
}
