import { recordOf, type SessionRecord } from '@stet/core';
import type { ContentFiles } from './content/content-files.ts';
import type { Place } from './directory/place.ts';
import { corrupt } from './disk/disk-error.ts';
import type { Head } from './head/head-name.ts';
import { readHead } from './head/session-directory.ts';

/**
 * The record that a head stood for when it was read, or `null` where it has been replaced and its content removed
 * since.
 */
export async function readRecord(place: Place, head: Head, contents: ContentFiles): Promise<SessionRecord | null> {
  const content = await contents.read(place, head);
  if (content) return recordOf({ ...content, expiresAt: head.expiresAt }, head.revision, head.createdAt);
  if ((await readHead(place.session, place.leaf))?.nonce !== head.nonce) return null;
  throw corrupt('The content of the session is missing.');
}
