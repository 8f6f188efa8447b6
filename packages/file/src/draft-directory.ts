import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Content, removeData, writeData } from './data-file.ts';
import { ambiguous, ifPossible, isDiskError, orMissing } from './disk-error.ts';
import { makeDirectory, renamePatiently, syncDirectory, writeNew } from './durable-write.ts';
import { type Head, headName } from './head-name.ts';
import type { Place } from './place.ts';

const form = /^[tx]\.([0-9a-f]{32})$/;

/** The nonce in the name of a draft directory, or `null` for any other name. */
export function parseDraftName(name: string): string | null {
  return form.exec(name)?.[1] ?? null;
}

/** A session that is not there yet: a directory of its own, beside the place that it is meant for. */
function draftPath(leaf: string, nonce: string): string {
  return join(leaf, `t.${nonce}`);
}

/**
 * Makes a new session ready, whole and on the disk. The directory comes before the data file, so that whoever meets the file
 * of a creation that was given up knows by which name to stop it.
 */
export async function prepareDraft(place: Place, head: Head, content: Content, sync: boolean): Promise<void> {
  const draft = draftPath(place.leaf, head.nonce);
  try {
    await makeDirectory(place.leaf);
    await mkdir(draft, 0o700);
    await writeData(place, head, content, sync);
    await writeNew(join(draft, headName(head)), new Uint8Array(), sync);
    if (!sync) return;
    await syncDirectory(draft);
    await syncDirectory(place.leaf);
    await syncDirectory(dirname(place.leaf));
  } catch (error) {
    await abandonDraft(place, head);
    throw error;
  }
}

/**
 * The commit of a creation: one rename of the directory to its place, which the kernel refuses while there is a session.
 * `false`: there was one.
 */
export async function publishDraft(place: Place, head: Head, sync: boolean): Promise<boolean> {
  const draft = draftPath(place.leaf, head.nonce);
  const done = await renamePatiently(draft, place.session).then(
    () => true,
    (error) => hasHappened(error, place.session, draft, head),
  );
  if (done && sync) {
    await syncDirectory(place.leaf).catch((error) => {
      throw ambiguous(error);
    });
  }
  return done;
}

async function hasHappened(error: unknown, session: string, draft: string, head: Head): Promise<boolean> {
  const names = await readdir(session).catch(() => null);
  if (names?.includes(headName(head))) return true;
  // Windows says EPERM of any directory that is in the way.
  if (names || isDiskError(error, 'ENOTEMPTY', 'EEXIST')) return false;
  if (isDiskError(error, 'ENOENT') || (await stat(draft).catch(() => null))) throw error;
  throw ambiguous(error);
}

/** Removes a draft that its maker does not publish. */
export async function abandonDraft(place: Place, head: Head): Promise<void> {
  await ifPossible(rm(draftPath(place.leaf, head.nonce), { recursive: true, force: true }));
  await removeData(place, head);
}

/**
 * Stops a creation that its maker has left: from the rename on it cannot be published, not even by a process that was stopped
 * for a day and goes on.
 */
export async function discardDraft(leaf: string, nonce: string): Promise<void> {
  const discarded = join(leaf, `x.${nonce}`);
  await orMissing(renamePatiently(draftPath(leaf, nonce), discarded));
  await rm(discarded, { recursive: true, force: true });
}
