import { isStoreError, reportCorruptRecord, type SessionDraft, type SessionRecord, StoreError } from '@stet/core';
import type { DatabaseCall, Value } from './database-call.ts';
import type { Dialect, Row } from './dialect.ts';
import type { Statements } from './statements.ts';

export async function selectRow(call: DatabaseCall, { select }: Statements, id: string): Promise<Row | undefined> {
  const [row] = await call.read(select, [id]);
  return row;
}

/** What a row has besides its id, as values to be bound. */
export function rowValues(dialect: Dialect, nonce: string, record: SessionRecord): readonly Value[] {
  const { revision, createdAt, expiresAt } = record;
  return [revision, nonce, createdAt, expiresAt, ...contentValues(dialect, record)];
}

/** The subject and the data, as values to be bound. */
export function contentValues({ bound }: Dialect, { subject, data }: SessionDraft): readonly Value[] {
  return [subject === undefined ? null : bound(subject), bound(data)];
}

/** Whether a row is a record that has not expired at an instant. */
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
