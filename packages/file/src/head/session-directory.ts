import { randomBytes } from 'node:crypto';
import { readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ambiguous, corrupt, ifPossible, isDiskError, orMissing } from '../disk/disk-error.ts';
import { renamePatiently } from '../disk/patient-rename.ts';
import { openDirectory, syncNames } from '../disk/synced-directory.ts';
import { type Head, headName, parseHeadName } from './head-name.ts';

/** A listing that misses the head because it was being renamed is rare; this many in a row are something else. */
const maxListings = 100;

/** The head of a session directory, or `null` where there is no session. */
export async function readHead(session: string, leaf: string): Promise<Head | null> {
  const [head = null, ...others] = await readHeads(session, leaf);
  if (others.length === 0) return head;
  throw corrupt('The session has more than one head. Deleting it removes all of them.');
}

/** All heads in a session directory: none or one, unless somebody has put others there. */
export async function readHeads(session: string, leaf: string): Promise<Head[]> {
  for (let listings = 1; ; listings += 1) {
    const names = await orMissing(readdir(session));
    if (!names) return [];
    const heads = names.map(parseHeadName).filter((head) => head !== null);
    // Two names of one head, or none: readdir is no snapshot, and it was renamed meanwhile.
    if (heads.length === 1 || (heads.length > 1 && listings >= maxListings)) return heads;
    if (heads.length === 0 && (await removeEmpty(session, leaf, names))) return [];
    if (listings >= maxListings) throw corrupt('The directory of the session has no head, and cannot be emptied.');
  }
}

/**
 * Only the kernel knows for certain that a directory is empty: it then removes it. What is in it and not of the store,
 * such as a `.DS_Store`, is first put aside into the leaf, because no session could ever begin here again.
 */
async function removeEmpty(session: string, leaf: string, strays: readonly string[]): Promise<boolean> {
  for (const stray of strays) {
    await orMissing(rename(join(session, stray), join(leaf, `stray.${randomBytes(16).toString('hex')}`)));
  }
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
 * What became of a change that was reported as failed. A repeated request (a network file system's, our own after
 * `EBUSY`) meets its own result: then the new name is there.
 */
async function hasHappened(error: unknown, session: string, from: Head, to: Head | undefined): Promise<boolean> {
  const names = await readdir(session).catch(() => null);
  if (to && names?.includes(headName(to))) return true;
  if (isDiskError(error, 'ENOENT')) return false;
  if (names?.includes(headName(from))) throw error;
  throw ambiguous(error);
}
