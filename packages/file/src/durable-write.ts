import { type FileHandle, mkdir, open, rename, unlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { ifPossible, isDiskError } from './disk-error.ts';

/** Creates a file that must not exist, whole or with an error and not at all; with `sync` on the disk before it resolves. */
export async function writeNew(path: string, bytes: Uint8Array, sync: boolean): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await fill(file, bytes, sync).finally(() => file.close());
  } catch (error) {
    await ifPossible(unlink(path));
    throw error;
  }
}

async function fill(file: FileHandle, bytes: Uint8Array, sync: boolean): Promise<void> {
  // A disk that is filling up may take a part only, and call that a success.
  for (let written = 0, more = 1; written < bytes.length && more > 0; written += more) {
    more = (await file.write(bytes, written)).bytesWritten;
  }
  const { size } = await file.stat();
  if (size !== bytes.length) throw truncated(size, bytes.length);
  // After a failed fsync the kernel may have dropped the pages: the file is given up, never synced again.
  if (sync) await file.sync();
}

function truncated(size: number, expected: number): NodeJS.ErrnoException {
  const message = `${size} of ${expected} bytes were written`;
  return Object.assign(new Error(message), { code: 'EIO', syscall: 'write' });
}

/** Makes a directory that may be there already. Its parent has to be there. */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, 0o700);
  } catch (error) {
    if (!isDiskError(error, 'EEXIST')) throw error;
  }
}

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

/**
 * Renames, with patience for what Windows says of a file that a virus scanner or an indexer has open for a moment: six more
 * tries within a third of a second.
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
