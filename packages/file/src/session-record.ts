import type { SessionRecord } from '@stet/core';
import { type Content, corrupt, readData } from './data-file.ts';
import type { Head } from './head-name.ts';
import type { Place } from './place.ts';
import { readHead } from './session-directory.ts';

/** The record of a head and the content that its data file holds. */
export function recordOf({ revision, createdAt, expiresAt }: Head, { data, subject }: Content): SessionRecord {
  return Object.freeze({ data, expiresAt, ...(subject !== undefined && { subject }), revision, createdAt });
}

/** The record that a head stood for when it was read, or `null` where it has been replaced and its data removed since. */
export async function readRecord(place: Place, head: Head): Promise<SessionRecord | null> {
  const content = await readData(place, head);
  if (content) return recordOf(head, content);
  if ((await readHead(place.session))?.nonce === head.nonce) throw corrupt('The data file of the session is missing.');
  return null;
}
