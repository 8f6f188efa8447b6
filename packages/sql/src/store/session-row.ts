import {
  isStoreError,
  recordOf,
  reportCorruptRecord,
  type SessionDraft,
  type SessionRecord,
  StoreError,
} from '@stet/core';
import type { Dialect } from '../dialects/dialect.ts';
import type { SqlRow, SqlValue } from '../sql-database.ts';

/** What a row has besides its id, as values to be bound. */
export function rowValues(dialect: Dialect, nonce: string, record: SessionRecord): readonly SqlValue[] {
  const { revision, createdAt, expiresAt } = record;
  return [revision, nonce, createdAt, expiresAt, ...contentValues(dialect, record)];
}

/** The subject and the data, as values to be bound. */
export function contentValues({ bound }: Dialect, { subject, data }: SessionDraft): readonly SqlValue[] {
  return [subject === undefined ? null : bound(subject), bound(data)];
}

/** Whether a row is a record that has not expired at an instant. */
export function isLive(row: SqlRow, now: number): boolean {
  return Number(row.expires) > now;
}

/** The record of a row. Throws `STORE_CORRUPT_RECORD` where it is none. */
export function recordIn({ revision, created, expires, data, subject }: SqlRow): SessionRecord {
  const numbers = [Number(revision), Number(created), Number(expires)] as const;
  const [known, createdAt, expiresAt] = numbers;
  if (known < 1 || createdAt < 0 || !numbers.every(Number.isSafeInteger)) {
    throw new StoreError('STORE_CORRUPT_RECORD', 'The row of the session holds numbers that no session has.');
  }
  const draft = { data: text(data), expiresAt };
  return recordOf(subject === null ? draft : { ...draft, subject: text(subject) }, known, createdAt);
}

/** The ids and records of rows. One that cannot be read is left out and reported, so that it hides no other. */
export function readableRecords(rows: readonly SqlRow[]): Array<readonly [id: string, record: SessionRecord]> {
  return rows.flatMap((row) => {
    const id = String(row.id);
    try {
      return [[id, recordIn(row)] as const];
    } catch (error) {
      if (!isStoreError(error)) throw error;
      reportCorruptRecord(id, error);
      return [];
    }
  });
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  throw new StoreError('STORE_CORRUPT_RECORD', 'The row of the session holds something else than text.');
}
