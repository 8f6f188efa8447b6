import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataKey, parseDataName, removeData } from './data-file.ts';
import { orMissing, unlessCorrupt } from './disk-error.ts';
import { discardDraft, parseDraftName } from './draft-directory.ts';
import { syncDirectory } from './durable-write.ts';
import { type Place, placeIn } from './place.ts';
import { readHead } from './session-directory.ts';

/** A courtesy to writers at work, no more: what is removed here could not be committed at any age. */
const orphanAgeMs = 10 * 60_000;

/** Removes from a leaf what killed processes left behind. `names` is a listing of it. */
export async function reapOrphans(leaf: string, names: readonly string[], sync: boolean): Promise<void> {
  for (const name of names) {
    const draft = parseDraftName(name);
    const data = parseDataName(name);
    if ((!draft && !data) || !(await isOld(join(leaf, name)))) continue;
    if (draft) await discardDraft(leaf, draft);
    if (data) await unlessCorrupt(reapData(placeIn(leaf, data.id), data, sync));
  }
}

async function isOld(path: string): Promise<boolean> {
  const file = await orMissing(stat(path));
  return file !== null && Date.now() - file.mtimeMs >= orphanAgeMs;
}

async function reapData(place: Place, key: DataKey, sync: boolean): Promise<void> {
  if (!(await isDead(place, key))) return;
  if (key.generation === 1) {
    // It may belong to a creation that is yet to be published. Not after this; unless it has been meanwhile.
    await discardDraft(place.leaf, key.nonce);
    if (!(await isDead(place, key))) return;
  }
  if (sync) {
    // The head that made it obsolete must not be lost to a power failure that the data did not outlive.
    await orMissing(syncDirectory(place.session));
    await syncDirectory(place.leaf);
  }
  await removeData(place, key);
}

/**
 * Whether no head names the data and none ever will. A write of generation n renames a head of generation n - 1, which its writer
 * read before it wrote the data: once the session is past that, or gone, the writer has lost, however late it comes. Revisions
 * would not tell: a record may be replaced by one of any revision.
 */
async function isDead(place: Place, key: DataKey): Promise<boolean> {
  const head = await readHead(place.session);
  return head === null || (head.nonce !== key.nonce && head.generation >= key.generation);
}
