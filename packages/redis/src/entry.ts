import { type SessionDraft, type SessionRecord, StoreError } from '@stet/core';

/**
 * What the value of a session's key says, in the format that README.md describes:
 *
 *     s1  token  nonce  revision  createdAt  expiresAt  storedAt  length  subject NUL data
 *
 * The first field has two characters, the others up to the length sixteen each: nonces in base64url, numbers in
 * decimal. The length counts the bytes after it.
 */
export interface Entry {
  /** The nonce of the last write of any kind: what {@link FrontStore.replaceIf} asks for. */
  readonly token: string;
  readonly storedAt: number;
  readonly record: SessionRecord;
}

const header: RegExp = /^s1([\w-]{16})[\w-]{16}(\d{16})(\d{16})(\d{16})(\d{16})(\d{16})/;
const headerLength = 114;

/** The entry that a value holds, or `null` for none, a lease or the mark of a deletion. Throws `STORE_CORRUPT_RECORD` for anything else. */
export function parseEntry(value: string | null): Entry | null {
  if (value === null || /^[ld]1[\w-]{16}$/.test(value)) return null;
  const [, token, ...numbers] = header.exec(value) ?? [];
  const [revision, createdAt, expiresAt, storedAt, length] = numbers.map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const body = value.slice(headerLength);
  const end = body.indexOf('\0');
  if (token === undefined || end < 0 || Buffer.byteLength(body) !== length) {
    throw corrupt();
  }
  const subject = body.slice(0, end) || undefined;
  const draft = { data: body.slice(end + 1), expiresAt, ...(subject && { subject }) };
  return { token, storedAt, record: recordOf(draft, revision, createdAt) };
}

/** The record of a draft. */
export function recordOf(
  { data, expiresAt, subject }: SessionDraft,
  revision: number,
  createdAt: number,
): SessionRecord {
  return Object.freeze({ data, expiresAt, ...(subject !== undefined && { subject }), revision, createdAt });
}

export function corrupt(): StoreError {
  return new StoreError('STORE_CORRUPT_RECORD', 'The value of the key is not a session as this version writes it.');
}

/** The entry that a script has found. */
export function foundEntry([value = '']: readonly string[]): Entry {
  const entry = parseEntry(value);
  if (entry) return entry;
  throw corrupt();
}

/** The value of a record, all of it. */
export function encodeEntry(nonce: string, record: SessionRecord, storedAt: number): string {
  const { revision, createdAt, expiresAt } = record;
  const numbers = [revision, createdAt, expiresAt, storedAt].map(field);
  return `s1${nonce}${nonce}${numbers.join('')}${encodeBody(record)}`;
}

/** What follows the times in a value: the part that only the client knows of. */
export function encodeBody({ subject = '', data }: SessionDraft): string {
  const body = `${subject}\0${data}`;
  return field(Buffer.byteLength(body)) + body;
}

/** A number as a header has it. */
export function field(value: number): string {
  return String(value).padStart(16, '0');
}
