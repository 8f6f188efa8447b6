import { isStoreError, reportCorruptRecord, type SessionDraft, type SessionRecord, StoreError } from '@stet/core';
import type { Row } from './dialect.ts';

/** Whether a row has not expired at an instant. */
export function isLive(row: Row, now: number): boolean {
  return Number(row.expires) > now;
}

/** The record of a row. Throws `STORE_CORRUPT_RECORD` where it is none. */
export function recordOf(row: Row): SessionRecord {
  const { revision, created, expires, data, subject } = row;
  const record = {
    data: text(data),
    expiresAt: Number(expires),
    revision: Number(revision),
    createdAt: Number(created),
    subject: subject === null ? undefined : text(subject),
  };
  if (record.revision < 1 || ![record.revision, record.expiresAt, record.createdAt].every(Number.isSafeInteger)) {
    throw new StoreError('STORE_CORRUPT_RECORD', 'The row of the session holds numbers that no session has.');
  }
  return freeze(record);
}

/** The ids and records of rows. One that cannot be read is left out and reported, so that it hides no other. */
export function readableRecords(rows: readonly Row[]): Array<readonly [id: string, record: SessionRecord]> {
  return rows.flatMap((row) => {
    const id = String(row.id);
    try {
      return [[id, recordOf(row)] as const];
    } catch (error) {
      if (!isStoreError(error)) throw error;
      reportCorruptRecord(id, error);
      return [];
    }
  });
}

/** The record that a draft becomes. */
export function nextRecord(
  draft: SessionDraft,
  { revision, createdAt, expiresAt }: Pick<SessionRecord, 'revision' | 'createdAt' | 'expiresAt'>,
): SessionRecord {
  return freeze({ data: draft.data, expiresAt, revision, createdAt, subject: draft.subject });
}

function freeze({ subject, ...rest }: Omit<SessionRecord, 'subject'> & { subject: string | undefined }): SessionRecord {
  return Object.freeze(subject === undefined ? rest : { ...rest, subject });
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  throw new StoreError('STORE_CORRUPT_RECORD', 'The row of the session holds something else than text.');
}
