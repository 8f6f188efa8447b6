import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Sessions } from '@stet/core';
import { ConnectVisit } from '../connect/connect-visit.ts';
import { sessionCookie } from '../cookie/session-cookie.ts';
import { statusOf, withStatus } from '../failure/error-status.ts';
import { commitBeforeHead } from '../gate/commit-before-head.ts';
import { type SessionHttpOptions, visitsOf } from '../visit/visit.ts';

export type { ConnectCookie } from '../connect/connect-cookie.ts';
export type { ConnectSession, SessionCallback } from '../connect/connect-session.ts';
export type { CookieAttributes, CookieOptions } from '../cookie/session-cookie.ts';
export { statusOf };

/** As for the other bindings; the session is always loaded, because `request.session` has its data as properties. */
export type ConnectSessionOptions = Omit<SessionHttpOptions, 'lazy'>;

/** Middleware for Express 4 and 5, connect, and for whatever calls middleware as they do. */
export type ConnectMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Gives each request its visitor's session as express-session does, so that what was written for that works unchanged:
 * the data are properties of `request.session`, its methods take callbacks, and it has an `id` and a `cookie`. It is
 * saved before the first byte of the response leaves. Where it cannot be loaded or saved, the error goes to the
 * application's error handlers with its status.
 */
export function connectSession<D extends object>(
  sessions: Sessions<D>,
  options: ConnectSessionOptions = {},
): ConnectMiddleware {
  const begin = visitsOf(sessions as unknown as Sessions<Record<string, unknown>>, options);
  const { attributes } = sessionCookie(options.cookie);
  return (request, response, next) => {
    if ('session' in request)
      return next(new TypeError('The request has a session already: use one session middleware.'));
    begin(request.headers.cookie).then(
      (visit) => {
        const connected = new ConnectVisit(request, visit, attributes);
        connected.give();
        commitBeforeHead(response, connected, (error) => next(withStatus(error)));
        next();
      },
      (error: unknown) => next(withStatus(error)),
    );
  };
}
