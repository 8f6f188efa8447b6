import { rename } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isDiskError } from './disk-error.ts';

/**
 * Renames, with patience for what Windows says of a file that a virus scanner or an indexer has open for a moment: six
 * more tries within a third of a second.
 */
export async function renamePatiently(from: string, to: string): Promise<void> {
  for (let waitMs = 5; ; waitMs *= 2) {
    try {
      return await rename(from, to);
    } catch (error) {
      if (waitMs > 160 || !isDiskError(error, 'EPERM', 'EBUSY', 'EACCES')) throw error;
      await delay(waitMs);
    }
  }
}
