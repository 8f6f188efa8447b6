import { type FileHandle, open } from 'node:fs/promises';
import { ifPossible, isDiskError } from './disk-error.ts';

/** Makes the names in a directory survive a power failure. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await openDirectory(path);
  try {
    await syncNames(directory);
  } finally {
    if (directory) await ifPossible(directory.close());
  }
}

/** A handle for `syncNames`, or `null` where the platform does not open directories. */
export async function openDirectory(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (isDiskError(error, ...unsyncable)) return null;
    throw error;
  }
}

/** Syncs an open directory, where the platform can: the others have nothing better to offer. */
export async function syncNames(directory: FileHandle | null): Promise<void> {
  try {
    await directory?.sync();
  } catch (error) {
    if (!isDiskError(error, ...unsyncable)) throw error;
  }
}

const unsyncable = ['EPERM', 'EINVAL', 'EISDIR'];
