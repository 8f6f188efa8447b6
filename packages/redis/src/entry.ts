import { recordOf, type SessionDraft, type SessionRecord, StoreError } from '@stet/core';

/**
 * What the value of a session's key says, in the format that README.md describes:
 *
 *     s1 token nonce birth death revision createdAt expiresAt storedAt listing length  subject NUL data
 *
 * The first field has two characters, the others up to the length sixteen each: nonces in base64url, numbers in
 * decimal. The length counts the bytes after it. A lease (`l1`) and the mark of what has ended (`d1`) are such a header
 * alone.
 */
export interface Entry {
  /** The nonce of the last write of any kind: what {@link FrontStore.replaceIf} asks for. */
  readonly token: string;
  readonly storedAt: number;
  readonly record: SessionRecord;
}

const headerLength = 162;

/** What stands in place of the listing of a session that has no subject. */
export const noListing: string = '0'.repeat(16);

/**
 * The record in a value, expired or not. `null` for no value, a lease or a mark. Throws `STORE_CORRUPT_RECORD` for
 * anything else.
 */
export function recordIn(value: string | null): SessionRecord | null {
  if (value === null) return null;
  const length = numberAt(value, 146);
  const revision = numberAt(value, 66);
  const createdAt = numberAt(value, 82);
  const expiresAt = numberAt(value, 98);
  // What is no number makes the sum none.
  const isSound = revision + createdAt + expiresAt + numberAt(value, 114) + numberAt(value, 130) >= 0;
  if (!isSound || Buffer.byteLength(value) !== headerLength + length) throw corrupt();
  const end = value.indexOf('\0', headerLength);
  if (value.startsWith('s1') && end > 0) {
    const subject = value.slice(headerLength, end) || undefined;
    const data = value.slice(end + 1);
    return recordOf(subject === undefined ? { data, expiresAt } : { data, expiresAt, subject }, revision, createdAt);
  }
  if (length === 0 && (value.startsWith('l1') || value.startsWith('d1'))) return null;
  throw corrupt();
}

/** The entry that a script has found. */
export function entryIn(value = ''): Entry {
  const record = recordIn(value);
  if (!record) throw corrupt();
  return { token: value.slice(2, 18), storedAt: numberAt(value, 114), record };
}

export function corrupt(): StoreError {
  return new StoreError('STORE_CORRUPT_RECORD', 'The value of the key is not a session as this version writes it.');
}

/** What follows the listing in a value: the length, and what only clients look at. */
export function encodeBody({ subject = '', data }: SessionDraft): string {
  const body = `${subject}\0${data}`;
  return field(Buffer.byteLength(body)) + body;
}

/** The fields from the revision to the time of the write. */
export function encodeNumbers({ revision, createdAt, expiresAt }: SessionRecord, storedAt: number): string {
  return field(revision) + field(createdAt) + field(expiresAt) + field(storedAt);
}

/** A number as a header has it. */
export function field(value: number): string {
  return String(value).padStart(16, '0');
}

/** The number in the sixteen characters from there, or `NaN` where they are not sixteen digits. */
function numberAt(value: string, start: number): number {
  let number = 0;
  for (let at = start; at < start + 16; at += 1) {
    const digit = value.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}
