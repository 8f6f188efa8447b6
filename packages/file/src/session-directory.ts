import { readdir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { corrupt } from './data-file.ts';
import { ambiguous, ifPossible, isDiskError, orMissing } from './disk-error.ts';
import { openDirectory, renamePatiently, syncNames } from './durable-write.ts';
import { type Head, headName, parseHeadName } from './head-name.ts';

/** A listing that misses the head because it was being renamed is rare; this many in a row are something else. */
const maxListings = 100;

/** The head of a session directory, or `null` where there is no session. */
export async function readHead(session: string): Promise<Head | null> {
  for (let listings = 0; listings < maxListings; listings += 1) {
    const names = await orMissing(readdir(session));
    if (!names) return null;
    const heads = names.map(parseHeadName).filter((head) => head !== null);
    // Two names of one head, or none: readdir is no snapshot, and it was renamed meanwhile.
    if (heads.length === 1) return heads[0] as Head;
    if (names.length === 0 && (await removeEmpty(session))) return null;
  }
  throw corrupt(`The session directory holds other things than one head: ${session}`);
}

/** Only the kernel knows for certain that a directory is empty: it then removes it. */
async function removeEmpty(session: string): Promise<boolean> {
  try {
    await rmdir(session);
    return true;
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return true;
    if (isDiskError(error, 'ENOTEMPTY', 'EEXIST')) return false;
    throw error;
  }
}

/** The commit of an update or a touch. `false`: the head was no longer `from`, and nothing changed. */
export function replaceHead(session: string, from: Head, to: Head, sync: boolean): Promise<boolean> {
  const change = (): Promise<void> => renamePatiently(join(session, headName(from)), join(session, headName(to)));
  return commit({ session, from, to, sync, change });
}

/** The commit of a deletion. `false`: the head was no longer this one, and nothing changed. */
export function removeHead(session: string, head: Head, sync: boolean): Promise<boolean> {
  const change = (): Promise<void> => unlink(join(session, headName(head)));
  return commit({ session, from: head, sync, change });
}

interface Commit {
  readonly session: string;
  readonly from: Head;
  readonly to?: Head;
  readonly sync: boolean;
  readonly change: () => Promise<void>;
}

async function commit({ session, from, to, sync, change }: Commit): Promise<boolean> {
  // Opened first, so that a shortage of file handles is noticed while nothing has changed.
  const directory = sync ? await orMissing(openDirectory(session)) : null;
  try {
    const done = await change().then(
      () => true,
      (error) => hasHappened(error, session, from, to),
    );
    if (done) {
      await syncNames(directory).catch((error) => {
        throw ambiguous(error);
      });
    }
    return done;
  } finally {
    if (directory) await ifPossible(directory.close());
  }
}

/**
 * What became of a change that was reported as failed. A repeated request (a network file system's, our own after `EBUSY`)
 * meets its own result: then the new name is there.
 */
async function hasHappened(error: unknown, session: string, from: Head, to: Head | undefined): Promise<boolean> {
  const names = await readdir(session).catch(() => null);
  if (to && names?.includes(headName(to))) return true;
  if (isDiskError(error, 'ENOENT')) return false;
  if (names?.includes(headName(from))) throw error;
  throw ambiguous(error);
}
