import { rmdir } from 'node:fs/promises';
import { type Content, removeData, writeData } from './data-file.ts';
import { ifPossible, orUndo } from './disk-error.ts';
import { syncDirectory } from './durable-write.ts';
import type { Head } from './head-name.ts';
import type { Place } from './place.ts';
import { removeHead, replaceHead } from './session-directory.ts';

export interface Supersession {
  readonly place: Place;
  readonly head: Head;
  readonly next: Head;
  readonly content: Content;
  readonly sync: boolean;
  /** Asked right before the commit, because syncing the content took its time. */
  readonly mayCommit: () => boolean;
}

/** Makes `next` the head, once its content is on the disk. `false`: `head` was no longer it, and nothing changed. */
export async function supersede({ place, head, next, content, sync, mayCommit }: Supersession): Promise<boolean> {
  await writeData(place, next, content, sync);
  const replace = async (): Promise<boolean> => {
    if (sync) await syncDirectory(place.leaf);
    return mayCommit() && replaceHead(place.session, head, next, sync);
  };
  const replaced = await orUndo(replace(), () => removeData(place, next));
  if (replaced) await removeData(place, head);
  return replaced;
}

/** Ends a session. `false`: `head` was no longer its head, and nothing changed. */
export async function remove(place: Place, head: Head, sync: boolean): Promise<boolean> {
  const removed = await removeHead(place.session, head, sync);
  if (!removed) return false;
  await ifPossible(rmdir(place.session));
  await removeData(place, head);
  return true;
}
