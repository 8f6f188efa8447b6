import { isStoreError, StoreError } from '@stet/core';

/** What a server says in place of doing anything. Where it was a script that met with it, it had looked for its own nonce before. */
const refusal = /^(?:ERR|NOAUTH|NOPERM|WRONGPASS|NOPROTO) |\b(?:OOM|READONLY|MISCONF|NOREPLICAS|WRONGTYPE)\b/;

/** The client has said that it did not send the command. */
const unsent = /enableOfflineQueue|The client is (?:closed|offline)/;

/** A driver's error as that of a read, which cannot have changed anything. */
export function failedRead(error: unknown): StoreError {
  return (
    foreignType(error) ??
    new StoreError('STORE_UNAVAILABLE', `Redis did not answer: ${textOf(error)}`, { cause: error })
  );
}

/**
 * A driver's error as that of a write. Lost connections leave open what became of it, and so do LOADING, CLUSTERDOWN and
 * MASTERDOWN: they answer what was sent last, and a client may have sent it before to a server that has failed since.
 */
export function failedWrite(error: unknown): StoreError {
  const known = foreignType(error);
  if (known) return known;
  return isOpen(error)
    ? new StoreError('STORE_AMBIGUOUS', `Redis did not confirm the write: ${textOf(error)}`, { cause: error })
    : new StoreError('STORE_UNAVAILABLE', `Redis refused the write: ${textOf(error)}`, { cause: error });
}

/** Whether an error leaves open what became of the command, so that sending it again may help. */
export function isOpen(error: unknown): boolean {
  return !refusal.test(textOf(error)) && !unsent.test(textOf(error));
}

export function isUnknownScript(error: unknown): boolean {
  return textOf(error).startsWith('NOSCRIPT');
}

function foreignType(error: unknown): StoreError | undefined {
  if (isStoreError(error)) return error;
  if (!textOf(error).includes('WRONGTYPE')) return undefined;
  return new StoreError('STORE_CORRUPT_RECORD', 'The key holds something of another type than sessions have.', {
    cause: error,
  });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
