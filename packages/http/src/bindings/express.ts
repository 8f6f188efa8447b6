import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Session, Sessions } from '@stet/core';
import { statusOf, withStatus } from '../failure/error-status.ts';
import { commitBeforeHead } from '../gate/commit-before-head.ts';
import { type SessionHttpOptions, visitsOf } from '../visit/visit.ts';

export type { CookieOptions } from '../cookie/session-cookie.ts';
export type { SessionHttpOptions } from '../visit/visit.ts';
export { statusOf };

/**
 * The data of `req.session`. An application adds its own keys:
 * `declare module '@stet/http/express' { interface SessionData { … } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be added to.
export interface SessionData {}

declare global {
  namespace Express {
    interface Request {
      /** The visitor's session; {@link sessionMiddleware} puts it there. */
      session: Session<SessionData>;
    }
  }
}

/** Middleware for Express 4 and 5, and for whatever calls middleware as they do. */
export type SessionMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Gives each request its visitor's session as `req.session`, and saves it before the first byte of the response leaves.
 * Where it cannot be loaded or saved, the error goes to the application's error handlers with the `status` that
 * {@link statusOf} says.
 */
export function sessionMiddleware<D extends object>(
  sessions: Sessions<D>,
  options: SessionHttpOptions = {},
): SessionMiddleware {
  const begin = visitsOf(sessions, options);
  return (request, response, next) => {
    if ('session' in request)
      return next(new TypeError('The request has a session already: use sessionMiddleware once.'));
    begin(request.headers.cookie).then(
      (visit) => {
        commitBeforeHead(response, visit, (error) => next(withStatus(error)));
        Object.assign(request, { session: visit.session });
        next();
      },
      (error: unknown) => next(withStatus(error)),
    );
  };
}
