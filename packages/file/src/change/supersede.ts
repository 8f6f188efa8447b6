import { rmdir } from 'node:fs/promises';
import type { Deadline } from '@stet/core';
import type { ContentFiles } from '../content/content-files.ts';
import type { Content } from '../content/content-text.ts';
import type { Place } from '../directory/place.ts';
import { ifPossible } from '../disk/disk-error.ts';
import { syncDirectory } from '../disk/synced-directory.ts';
import { together } from '../disk/together.ts';
import type { Head } from '../head/head-name.ts';
import { removeHead, replaceHead } from '../head/session-directory.ts';
import { attempt } from './attempt.ts';
import { isLease } from './lease.ts';

export interface Supersession {
  readonly place: Place;
  readonly head: Head;
  readonly next: Head;
  readonly content: Content;
  readonly contents: ContentFiles;
  readonly deadline: Deadline;
  /** Asked right before the commit, because syncing the content took its time. */
  readonly mayCommit: () => boolean;
}

/** Makes `next` the head, once its content is on the disk. `false`: `head` was no longer it, and nothing changed. */
export async function supersede(change: Supersession): Promise<boolean> {
  const { place, head, next, content, contents, deadline, mayCommit } = change;
  const isReplaced = await attempt({
    async prepare() {
      await together(
        contents.write(place, next, content),
        // Leases are not synced: the name of the session's directory goes to the disk with that of the content, or by
        // itself.
        contents.sync && isLease(head) && place.shelfOf(next.subject) !== place.leaf && syncDirectory(place.leaf),
      );
      deadline.assertAhead();
    },
    commit: async () => mayCommit() && replaceHead(place.session, head, next, contents.sync),
    undo: () => contents.remove(place, next),
  });
  if (isReplaced && !isLease(head)) await contents.remove(place, head);
  return isReplaced;
}

/** Ends a session. `false`: `head` was no longer its head, and nothing changed. */
export async function remove(place: Place, head: Head, contents: ContentFiles): Promise<boolean> {
  const removed = await removeHead(place.session, head, contents.sync);
  if (!removed) return false;
  await ifPossible(rmdir(place.session));
  if (!isLease(head)) await contents.remove(place, head);
  return true;
}
