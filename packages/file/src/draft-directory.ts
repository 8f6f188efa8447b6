import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Content, removeData, writeData } from './data-file.ts';
import { ambiguous, ifPossible, isDiskError, orMissing, orUndo } from './disk-error.ts';
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

export interface Draft {
  readonly place: Place;
  readonly head: Head;
  /** `null` for a lease, which has none. */
  readonly content: Content | null;
  readonly sync: boolean;
  /** Asked right before the commit. */
  readonly assertInTime: () => void;
}

/** Puts a new session in its place, whole and on the disk. `false`: the place is taken, and nothing changed. */
export async function publish(draft: Draft): Promise<boolean> {
  const { place, head } = draft;
  return orUndo(
    prepare(draft).then(() => commit(draft)),
    () => abandon(place, head),
  );
}

/**
 * The directory comes before the data file, so that whoever meets the file of a creation that was given up knows by which name
 * to stop it.
 */
async function prepare({ place, head, content, sync }: Draft): Promise<void> {
  const draft = draftPath(place.leaf, head.nonce);
  await makeDirectory(place.leaf);
  await mkdir(draft, 0o700);
  if (content) await writeData(place, head, content, sync);
  await writeNew(join(draft, headName(head)), new Uint8Array(), sync);
  if (!sync) return;
  await syncDirectory(draft);
  await syncDirectory(place.leaf);
  await syncDirectory(dirname(place.leaf));
}

/** One rename of the directory to its place, which the kernel refuses while there is a session. */
async function commit({ place, head, sync, assertInTime }: Draft): Promise<boolean> {
  assertInTime();
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

async function abandon(place: Place, head: Head): Promise<void> {
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
