import { crc32 } from 'node:zlib';
import { type SessionDraft, type SessionRecord, StoreError } from '@stet/core';
import { withLineEnds, withoutLineEnds } from './line-ends.ts';

/** What a key holds. */
export type Entry = RecordEntry | LeaseEntry | CorruptEntry;

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

export interface LeaseEntry {
  readonly kind: 'lease';
  readonly token: string;
  readonly endsAt: number;
}

interface CorruptEntry {
  readonly kind: 'corrupt';
  readonly error: StoreError;
}

/** The most bytes that an entry has besides its data. */
export const mostHeaderBytes = 1_100;

const envelope = /^stet1 ([0-9a-f]{8}) (.*)$/s;
const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const lease = new RegExp(`^lease (?<token>${uuid}) (?<endsAt>\\d{1,16})$`);
const record = new RegExp(
  `^record (?<revision>\\d{1,16}) (?<createdAt>\\d{1,16}) (?<expiresAt>\\d{1,16}) (?<storedAt>\\d{1,16}) ` +
    `(?<nonce>${uuid}) (?<token>${uuid}) (?:subject:(?<subject>\\S+) )?(?:cr:(?<standIn>\\d{1,3}) )?data:(?<text>.*)$`,
  's',
);

/** The value of an entry: one line of text with a checksum over all that follows it. */
export function encode(entry: RecordEntry | LeaseEntry): string {
  const body = entry.kind === 'lease' ? `lease ${entry.token} ${entry.endsAt}` : recordBody(entry);
  return `stet1 ${crc32(body).toString(16).padStart(8, '0')} ${body}`;
}

function recordBody({ record, nonce, token, storedAt }: RecordEntry): string {
  const { data, subject, revision, createdAt, expiresAt } = record;
  const { text, standIn } = withoutLineEnds(data);
  const optional =
    (subject === undefined ? '' : `subject:${encodeURIComponent(subject)} `) +
    (standIn === undefined ? '' : `cr:${standIn} `);
  return `record ${revision} ${createdAt} ${expiresAt} ${storedAt} ${nonce} ${token} ${optional}data:${text}`;
}

/** The entry that a value stands for. Never throws: what cannot be read is an entry as well. */
export function decode(value: unknown): Entry {
  if (typeof value !== 'string') return corrupt('is not text');
  const [, checksum = '', body = ''] = envelope.exec(value) ?? [];
  if (checksum === '') return corrupt('does not begin as one of this store');
  if (crc32(body) !== Number.parseInt(checksum, 16)) return corrupt('does not match its checksum');
  const { groups: leased } = lease.exec(body) ?? {};
  if (leased) return { kind: 'lease', token: String(leased.token), endsAt: Number(leased.endsAt) };
  const { groups: stored } = record.exec(body) ?? {};
  return stored ? recordEntryOf(stored) : corrupt('has a header that cannot be read');
}

function recordEntryOf(fields: Record<string, string | undefined>): RecordEntry {
  const { nonce, token, subject, standIn, text } = fields;
  const draft = {
    data: withLineEnds({ text: String(text), ...(standIn !== undefined && { standIn: Number(standIn) }) }),
    expiresAt: Number(fields.expiresAt),
    ...(subject !== undefined && { subject: decodeURIComponent(subject) }),
  };
  return {
    kind: 'record',
    record: recordOf(draft, Number(fields.revision), Number(fields.createdAt)),
    nonce: String(nonce),
    token: String(token),
    storedAt: Number(fields.storedAt),
  };
}

/** Frozen, because the store remembers things about the object. */
export function recordOf(draft: SessionDraft, revision: number, createdAt: number): SessionRecord {
  const { data, expiresAt, subject } = draft;
  return Object.freeze({ data, expiresAt, ...(subject !== undefined && { subject }), revision, createdAt });
}

function corrupt(problem: string): CorruptEntry {
  return { kind: 'corrupt', error: new StoreError('STORE_CORRUPT_RECORD', `What is kept for the id ${problem}.`) };
}
