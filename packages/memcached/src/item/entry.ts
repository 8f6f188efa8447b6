import { crc32 } from 'node:zlib';
import { type SessionRecord, StoreError } from '@stet/core';
import { withLineEnds, withoutLineEnds } from './line-ends.ts';

/** What a key holds. */
export type Entry = RecordEntry | Placeholder | CorruptEntry;

export interface RecordEntry {
  readonly kind: 'record';
  readonly record: SessionRecord;
  /** Of the write that made this revision. */
  readonly nonce: string;
  /** Of the write that made this entry: a touch keeps the nonce and changes the token. */
  readonly token: string;
  /** When the entry was written, in Unix milliseconds. */
  readonly storedAt: number;
}

/**
 * Stands where there is no record: the lease of whoever may fill the entry, or the mark of whoever deleted what was
 * there.
 */
export interface Placeholder {
  readonly kind: 'lease' | 'deleted';
  readonly token: string;
  readonly endsAt: number;
}

interface CorruptEntry {
  readonly kind: 'corrupt';
  readonly error: StoreError;
}

/** The most bytes that an entry has besides its data. */
export const mostHeaderBytes = 1_100;

const magic = 'stet1 ';
const checksumDigits = 8;
const bodyAt = magic.length + checksumDigits + 1;
const recordFields = 9;
const tokenLength = 36;

/** The value of an entry: one line of text with a checksum over all that follows it. */
export function encode(entry: RecordEntry | Placeholder): string {
  const body = entry.kind === 'record' ? recordBody(entry) : `${entry.kind} ${entry.token} ${entry.endsAt}`;
  return `${magic}${checksumOf(body)} ${body}`;
}

function recordBody({ record, nonce, token, storedAt }: RecordEntry): string {
  const { data, subject, revision, createdAt, expiresAt } = record;
  const { text, standIn } = withoutLineEnds(data);
  const owner = subject === undefined ? '' : encodeURIComponent(subject);
  const numbers = `${revision} ${createdAt} ${expiresAt} ${storedAt}`;
  return `record ${numbers} ${nonce} ${token} ${owner} ${standIn ?? ''} ${text}`;
}

/** The entry that a value stands for. Never throws: what cannot be read is an entry as well. */
export function decode(value: unknown): Entry {
  if (typeof value !== 'string') return corrupt('is not text');
  if (!value.startsWith(magic)) return corrupt('does not begin as one of this store');
  const body = value.slice(bodyAt);
  const checksum = value.slice(magic.length, bodyAt - 1);
  if (checksum !== checksumOf(body) || value[bodyAt - 1] !== ' ') return corrupt('does not match its checksum');
  return entryIn(body) ?? corrupt('has a header that cannot be read');
}

function entryIn(body: string): Entry | undefined {
  if (!body.startsWith('record ')) return placeholderOf(body.split(' '));
  const fields: string[] = [];
  let at = 0;
  for (let end = body.indexOf(' '); end >= 0 && fields.length < recordFields; end = body.indexOf(' ', at)) {
    fields.push(body.slice(at, end));
    at = end + 1;
  }
  return fields.length === recordFields ? recordEntryOf(fields, body.slice(at)) : undefined;
}

function recordEntryOf(fields: readonly string[], text: string): RecordEntry | undefined {
  const [, revision, createdAt, expiresAt, storedAt, nonce = '', token = '', encoded = '', standIn = ''] = fields;
  const rest = { expiresAt: Number(expiresAt), revision: Number(revision), createdAt: Number(createdAt) };
  const entry = { nonce, token, storedAt: Number(storedAt) };
  if (!areWhole(rest.expiresAt, rest.revision, rest.createdAt, entry.storedAt, Number(standIn))) return undefined;
  if (nonce.length !== tokenLength || token.length !== tokenLength) return undefined;
  const subject = subjectOf(encoded);
  if (subject === '') return undefined;
  const data = withLineEnds(standIn === '' ? { text } : { text, standIn: Number(standIn) });
  return { kind: 'record', record: subject === undefined ? { data, ...rest } : { data, subject, ...rest }, ...entry };
}

function areWhole(...numbers: readonly number[]): boolean {
  return numbers.every(Number.isSafeInteger);
}

/** `undefined`: the record has none. Empty: it cannot be read. */
function subjectOf(encoded: string): string | undefined {
  if (encoded === '') return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return '';
  }
}

function placeholderOf([kind, token, endsAt]: readonly string[]): Placeholder | undefined {
  if ((kind !== 'lease' && kind !== 'deleted') || token?.length !== tokenLength) return undefined;
  return Number.isSafeInteger(Number(endsAt)) ? { kind, token, endsAt: Number(endsAt) } : undefined;
}

function checksumOf(body: string): string {
  return crc32(body).toString(16).padStart(checksumDigits, '0');
}

function corrupt(problem: string): CorruptEntry {
  return { kind: 'corrupt', error: new StoreError('STORE_CORRUPT_RECORD', `What is kept for the id ${problem}.`) };
}
