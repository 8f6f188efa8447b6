import type { SessionDraft } from './session-store.ts';
import { StoreError } from './store-error.ts';

const maxSubjectBytes = 255;

/** Throws a `TypeError` unless the value is an instant: a whole number of Unix milliseconds. */
export function assertInstant(value: unknown, name: string): asserts value is number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    const found = typeof value === 'number' ? value : `of type ${typeof value}`;
    throw new TypeError(`${name} is a whole number of Unix milliseconds. The value given is ${found}.`);
  }
}

/** Throws a `TypeError` unless the value can be a subject. */
export function assertSubject(value: unknown): asserts value is string {
  if (typeof value !== 'string' || value === '' || !isPlainText(value) || Buffer.byteLength(value) > maxSubjectBytes) {
    throw new TypeError(`A subject is 1 to ${maxSubjectBytes} bytes of well-formed text without U+0000.`);
  }
}

/**
 * Reads each part of a draft once and checks it: a `TypeError` where it is malformed, `STORE_TOO_LARGE` where its data
 * has more than `maxDataBytes` bytes. The caller may change the draft afterwards (contract rule 7.12).
 */
export function readDraft(draft: SessionDraft, maxDataBytes: number): SessionDraft {
  const { data, expiresAt, subject, createdAt } = draft;
  if (typeof data !== 'string' || !isPlainText(data)) {
    throw new TypeError('data is well-formed text without U+0000; a codec such as JsonCodec yields it.');
  }
  assertInstant(expiresAt, 'expiresAt');
  if (createdAt !== undefined) assertInstant(createdAt, 'createdAt');
  if (subject !== undefined) assertSubject(subject);
  const bytes = Buffer.byteLength(data);
  if (bytes > maxDataBytes) {
    throw new StoreError(
      'STORE_TOO_LARGE',
      `The session has ${bytes} bytes; this store keeps at most ${maxDataBytes}.`,
    );
  }
  return {
    data,
    expiresAt,
    ...(subject !== undefined && { subject }),
    ...(createdAt !== undefined && { createdAt }),
  };
}

/** Throws as {@link readDraft} does. For a store that hands the draft on to another. */
export function assertDraft(draft: SessionDraft, maxDataBytes: number): void {
  readDraft(draft, maxDataBytes);
}

function isPlainText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
