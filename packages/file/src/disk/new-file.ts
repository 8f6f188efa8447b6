import { type FileHandle, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ifPossible } from './disk-error.ts';
import { syncDirectory } from './synced-directory.ts';
import { together } from './together.ts';

/**
 * Creates a file that must not exist, whole or with an error and not at all. With `sync` it is on the disk before this
 * resolves, its name included. The two are synced at the same time: a journal then writes both at once.
 */
export async function writeNew(path: string, bytes: Uint8Array, sync: boolean): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await together(
      fill(file, bytes, sync).finally(() => file.close()),
      sync && syncDirectory(dirname(path)),
    );
  } catch (error) {
    await ifPossible(unlink(path));
    throw error;
  }
}

async function fill(file: FileHandle, bytes: Uint8Array, sync: boolean): Promise<void> {
  // A disk that is filling up may take a part only, and call that a success.
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, written);
    if (bytesWritten === 0) throw truncated(written, bytes.length);
    written += bytesWritten;
  }
  // After a failed fsync the kernel may have dropped the pages: the file is given up, never synced again. An empty one
  // has none.
  if (sync && bytes.length > 0) await file.sync();
}

function truncated(size: number, expected: number): NodeJS.ErrnoException {
  const message = `${size} of ${expected} bytes were written`;
  return Object.assign(new Error(message), { code: 'EIO', syscall: 'write' });
}
