import { isSessionError, isStoreError } from '@stet/core';

/**
 * The HTTP status that says what a failure of a session means to the client: 409 where its request met another one that
 * ended or changed the session, 503 where the store may answer the next time, 500 for everything else.
 */
export function statusOf(error: unknown): 409 | 500 | 503 {
  return isSessionError(error) || isStoreError(error) ? error.status : 500;
}

/**
 * The error with its status where Express, Fastify and Koa look for it. The error itself, not one around it: error
 * handlers ask `isStoreError(error)` and look at its `code`.
 */
export function withStatus(error: unknown): object {
  if (isSessionError(error) || isStoreError(error)) return error;
  const status = statusOf(error);
  if (typeof error === 'object' && error !== null && Object.isExtensible(error))
    return Object.assign(error, { status });
  return Object.assign(new Error('The session failed.', { cause: error }), { status });
}
