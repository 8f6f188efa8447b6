import { assertDraft, assertInstant, type SessionRecord } from '@stet/core';
import { type Content, corrupt, readData } from './data-file.ts';
import type { Head } from './head-name.ts';
import type { Place } from './place.ts';
import { readHead } from './session-directory.ts';

/** Throws unless the store may keep the record as it is: as `assertDraft` does, and a `TypeError` where it is no record. */
export function assertRecord(record: SessionRecord, maxDataBytes: number): void {
  assertDraft(record, maxDataBytes);
  assertInstant(record.createdAt, 'createdAt');
  if (!Number.isSafeInteger(record.revision) || record.revision < 1) {
    throw new TypeError(`revision is a whole number above 0, not ${String(record.revision)}.`);
  }
}

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
