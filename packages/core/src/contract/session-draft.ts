import type { SessionDraft } from './session-store.ts';
import { StoreError } from './store-error.ts';

const maxSubjectBytes = 255;

/** Throws a `TypeError` unless the value is an instant: a whole number of Unix milliseconds. */
export function assertInstant(value: unknown, name: string): asserts value is number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new TypeError(`${name} is a whole number of Unix milliseconds, not ${String(value)}.`);
  }
}

/** Throws a `TypeError` unless the value can be a subject. */
export function assertSubject(value: unknown): asserts value is string {
  if (typeof value !== 'string' || value === '' || !isPlainText(value) || Buffer.byteLength(value) > maxSubjectBytes) {
    throw new TypeError(`A subject is 1 to ${maxSubjectBytes} bytes of well-formed text without U+0000.`);
  }
}

/**
 * Throws unless a store may keep the draft: a `TypeError` where it is malformed, `STORE_TOO_LARGE` where its data has more
 * than `maxDataBytes` bytes. For stores, before any I/O.
 */
export function assertDraft(draft: SessionDraft, maxDataBytes: number): void {
  if (typeof draft.data !== 'string' || !isPlainText(draft.data)) {
    throw new TypeError('data is well-formed text without U+0000; a codec such as JsonCodec yields it.');
  }
  assertInstant(draft.expiresAt, 'expiresAt');
  if (draft.createdAt !== undefined) assertInstant(draft.createdAt, 'createdAt');
  if (draft.subject !== undefined) assertSubject(draft.subject);
  const bytes = Buffer.byteLength(draft.data);
  if (bytes > maxDataBytes) {
    throw new StoreError(
      'STORE_TOO_LARGE',
      `The session has ${bytes} bytes; this store keeps at most ${maxDataBytes}.`,
    );
  }
}

function isPlainText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
