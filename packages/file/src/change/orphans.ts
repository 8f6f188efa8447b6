import type { ContentFiles } from '../content/content-files.ts';
import { parseContentName } from '../content/content-files.ts';
import type { ContentKey } from '../content/content-key.ts';
import type { Place } from '../directory/place.ts';
import type { Leaf, StoreDirectory } from '../directory/store-directory.ts';
import { orMissing, unlessCorrupt } from '../disk/disk-error.ts';
import { syncDirectory } from '../disk/synced-directory.ts';
import { timeOf } from '../head/nonce.ts';
import { readHead } from '../head/session-directory.ts';
import { discardDraft, parseDraftName } from './publish.ts';

/** A courtesy to writers at work, no more: what is removed here could not be committed at any age. */
const orphanAgeMs = 10 * 60_000;

export interface Reaping {
  readonly directory: StoreDirectory;
  readonly contents: ContentFiles;
  readonly now: number;
  /** The names of contents of which it is known that a head names them. */
  readonly inUse: ReadonlySet<string>;
}

/** Removes from a leaf what killed processes left behind. */
export async function reapOrphans({ path, names }: Leaf, reaping: Reaping): Promise<void> {
  const isOld = (nonce: string): boolean => timeOf(nonce) + orphanAgeMs <= reaping.now;
  for (const name of names) {
    const draft = parseDraftName(name);
    if (draft && isOld(draft)) await discardDraft(path, draft);
    if (draft || reaping.inUse.has(name)) continue;
    const content = parseContentName(name);
    if (!content || !isOld(content.key.nonce)) continue;
    const place = await reaping.directory.placeOf(content.id);
    await unlessCorrupt(reapContent(place, content.key, reaping));
  }
}

async function reapContent(place: Place, key: ContentKey, { contents }: Reaping): Promise<void> {
  if (!(await isDead(place, key))) return;
  if (key.generation === 1) {
    // It may belong to a creation that is yet to be published. Not after this; unless it has been meanwhile.
    await discardDraft(place.leaf, key.nonce);
    if (!(await isDead(place, key))) return;
  }
  if (contents.sync) {
    // The head that made it obsolete must not be lost to a power failure that the content did not outlive.
    await orMissing(syncDirectory(place.session));
    await syncDirectory(place.leaf);
  }
  await contents.remove(place, key);
}

/**
 * Whether no head names the content and none ever will. A write of generation n renames a head of generation n - 1,
 * which its writer read before it wrote the content: once the session is past that, or gone, the writer has lost,
 * however late it comes. Revisions would not tell: a record may be replaced by one of any revision.
 */
async function isDead(place: Place, key: ContentKey): Promise<boolean> {
  const head = await readHead(place.session, place.leaf);
  return head === null || (head.nonce !== key.nonce && head.generation >= key.generation);
}
