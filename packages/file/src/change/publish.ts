import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deadline } from '@stet/core';
import type { ContentFiles } from '../content/content-files.ts';
import type { Content } from '../content/content-text.ts';
import type { Place } from '../directory/place.ts';
import { ambiguous, ifPossible, isDiskError, orMissing } from '../disk/disk-error.ts';
import { writeNew } from '../disk/new-file.ts';
import { renamePatiently } from '../disk/patient-rename.ts';
import { syncDirectory } from '../disk/synced-directory.ts';
import { together } from '../disk/together.ts';
import { type Head, headName } from '../head/head-name.ts';
import { attempt } from './attempt.ts';

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
  /**
   * `null` for a lease, which has none, and is not synced: a power failure that it is lost in takes its holder, too.
   */
  readonly content: Content | null;
  readonly contents: ContentFiles;
  readonly deadline: Deadline;
}

/** Puts a new session in its place, whole and on the disk. `false`: the place is taken, and nothing changed. */
export function publish(draft: Draft): Promise<boolean> {
  return attempt({ prepare: () => prepare(draft), commit: () => commit(draft), undo: () => abandon(draft) });
}

/**
 * The directory comes before the content, so that whoever meets the content of a creation that was given up knows by
 * which name to stop it.
 */
async function prepare({ place, head, content, contents, deadline }: Draft): Promise<void> {
  const draft = draftPath(place.leaf, head.nonce);
  await mkdir(draft, 0o700);
  await together(
    content !== null && contents.write(place, head, content),
    writeNew(join(draft, headName(head)), new Uint8Array(), contents.sync && content !== null),
  );
  deadline.assertAhead();
}

/** One rename of the directory to its place, which the kernel refuses while there is a session. */
async function commit({ place, head, content, contents }: Draft): Promise<boolean> {
  const draft = draftPath(place.leaf, head.nonce);
  const done = await renamePatiently(draft, place.session).then(
    () => true,
    (error) => hasHappened(error, place.session, draft, head),
  );
  if (done && contents.sync && content !== null) {
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

async function abandon({ place, head, content, contents }: Draft): Promise<void> {
  await ifPossible(rm(draftPath(place.leaf, head.nonce), { recursive: true, force: true }));
  if (content !== null) await contents.remove(place, head);
}

/**
 * Stops a creation that its maker has left: from the rename on it cannot be published, not even by a process that was
 * stopped for a day and goes on.
 */
export async function discardDraft(leaf: string, nonce: string): Promise<void> {
  const discarded = join(leaf, `x.${nonce}`);
  await orMissing(renamePatiently(draftPath(leaf, nonce), discarded));
  await rm(discarded, { recursive: true, force: true });
}
