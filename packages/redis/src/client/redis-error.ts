import { failureOf, isStoreError, type OperationKind, StoreError, saidBy } from '@stet/core';

/**
 * A server's reply begins with a word in capitals: NOAUTH, OOM, LOADING, CLUSTERDOWN. What drivers say of themselves
 * does not.
 */
const reply = /^-?[A-Z]{2,}[A-Z0-9_]* /;

/** The client has said that it did not send the command. */
const unsent = /enableOfflineQueue|The client is (?:closed|offline)|The queue is full/;

/**
 * Where a script of ours meets with one of these, on a master, it has looked for its own nonce and was about to write.
 */
const metInScript = /\b(?:OOM|MISCONF|NOREPLICAS)\b/;

/**
 * What an error of a driver means for a call whose command was sent once. A refusal is certain: nothing was written.
 * All else is open.
 */
export function redisFailure(error: unknown, kind: OperationKind): StoreError | undefined {
  if (textOf(error).includes('WRONGTYPE')) {
    const message = 'The key holds something of another type than sessions have.';
    return new StoreError('STORE_CORRUPT_RECORD', message, { cause: error });
  }
  return isRefusal(error)
    ? new StoreError('STORE_UNAVAILABLE', `Redis refused: ${saidBy(error)}`, { cause: error })
    : failureOf(error, kind);
}

/** What an error means for a call that was sent twice: of the first sending nobody knows. */
export function redisFailureAgain(error: unknown, kind: OperationKind): unknown {
  if (kind === 'read' || isStoreError(error) || isMistake(error) || metInScript.test(textOf(error))) return error;
  const message = `Redis did not confirm the write, which was sent twice: ${saidBy(error)}`;
  return new StoreError('STORE_AMBIGUOUS', message, { cause: error });
}

/** Whether an error leaves open what became of the command, so that sending it again may help. */
export function isOpen(error: unknown): boolean {
  return !isStoreError(error) && !isRefusal(error) && !isMistake(error);
}

export function isUnknownScript(error: unknown): boolean {
  return textOf(error).startsWith('NOSCRIPT');
}

function isRefusal(error: unknown): boolean {
  return reply.test(textOf(error)) || unsent.test(textOf(error));
}

/** A mistake of a program, which is no outage. */
function isMistake(error: unknown): boolean {
  return failureOf(error, 'read') === undefined;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
