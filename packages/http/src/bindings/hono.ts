import type { Session, Sessions } from '@stet/core';
import type { Context, MiddlewareHandler } from 'hono';
import { marked } from '../cookie/marked-response.ts';
import { forgetContent } from '../failure/content-headers.ts';
import { discardContent } from '../failure/discard-content.ts';
import { statusOf, withStatus } from '../failure/error-status.ts';
import { plainResponse } from '../failure/plain-response.ts';
import { type SessionHttpOptions, visitsOf } from '../visit/visit.ts';

export type { CookieOptions } from '../cookie/session-cookie.ts';
export type { SessionHttpOptions } from '../visit/visit.ts';
export { statusOf };

/**
 * What {@link sessionMiddleware} adds to the variables of the context:
 * `new Hono<{ Variables: SessionVariables<ShopData> }>()`.
 */
export interface SessionVariables<D extends object> {
  /** The visitor's session. */
  session: Session<D>;
}

/**
 * Middleware for Hono 4.8 and later: gives each request its visitor's session as `c.var.session`, and saves it before
 * the response is handed on; its body may go on streaming. Where it cannot be loaded or saved, the error goes to
 * `app.onError`, with the `status` that {@link statusOf} says, and with the `getResponse()` that Hono answers with by
 * default. A handler that throws saves nothing.
 */
export function sessionMiddleware<D extends object>(
  sessions: Sessions<D>,
  options: SessionHttpOptions = {},
): MiddlewareHandler<{ Variables: SessionVariables<D> }> {
  const begin = visitsOf(sessions, options);
  return async (c, next) => {
    if (c.get('session')) throw new TypeError('The context has a session already: use sessionMiddleware once.');
    const visit = await begin(c.req.header('Cookie')).catch((error: unknown) => {
      throw answerable(error);
    });
    c.set('session', visit.session);
    await next();
    if (c.error) visit.abandon();
    try {
      await visit.commit(c.res.status);
    } catch (error) {
      await discardContent(c.res);
      replace(c, marked(withoutContent(c.res), visit.marks()));
      throw answerable(error);
    }
    replace(c, marked(c.res, visit.marks()));
  };
}

/**
 * The setter of `c.res` adds the headers of the response before, which the new one has already, and its cookies in
 * place of the new ones.
 */
function replace(c: Context, response: Response): void {
  if (c.res === response) return;
  c.res = undefined;
  c.res = response;
}

/** Hono gives the headers of this response to the one that answers the error. */
function withoutContent({ headers }: Response): Response {
  const kept = new Headers(headers);
  forgetContent(headers.keys(), (name) => kept.delete(name));
  return new Response(null, { headers: kept });
}

function answerable(error: unknown): object {
  return Object.assign(withStatus(error), { getResponse: () => plainResponse(error) });
}
