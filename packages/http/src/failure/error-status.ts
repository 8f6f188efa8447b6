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

/**
 * The error with its status where Express, Fastify and Koa look for it. The error itself, not one around it: error handlers ask
 * `isStoreError(error)` and look at its `code`.
 */
export function withStatus(error: unknown): object {
  const status = statusOf(error);
  if (typeof error === 'object' && error !== null && Object.isExtensible(error))
    return Object.assign(error, { status });
  return Object.assign(new Error('The session failed.', { cause: error }), { status });
}
