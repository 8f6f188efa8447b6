import { isSessionError, isStoreError, type SessionErrorCode } from '@stet/core';

const conflicts: ReadonlySet<SessionErrorCode> = new Set(['SESSION_GONE', 'SESSION_CONFLICT', 'SESSION_CHANGED']);

/**
 * The HTTP status that says what a failure of a session means to the client: 409 where its request met another one that ended or
 * changed the session, 503 where the store may answer the next time, 500 for everything else.
 */
export function statusOf(error: unknown): 409 | 500 | 503 {
  if (isSessionError(error)) return conflicts.has(error.code) ? 409 : 500;
  if (isStoreError(error)) return error.retryable || error.code === 'STORE_AMBIGUOUS' ? 503 : 500;
  return 500;
}
