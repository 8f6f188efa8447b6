import type { Session, Sessions } from '@stet/core';
import type { DefaultState, Middleware, ParameterizedContext } from 'koa';
import { commitBeforeHead } from './commit-before-head.ts';
import { forgetContent } from './content-headers.ts';
import { sessionCookie } from './cookie.ts';
import { discardContent } from './discard-content.ts';
import { statusOf, withStatus } from './error-status.ts';
import { beginVisit, type SessionHttpOptions } from './life-cycle.ts';

export type { CookieOptions } from './cookie.ts';
export type { SessionHttpOptions } from './life-cycle.ts';
export { statusOf };

/** What {@link sessionMiddleware} adds to the context: `new Koa<DefaultState, SessionContext<ShopData>>()`. */
export interface SessionContext<D extends object> {
  /** The visitor's session. */
  session: Session<D>;
}

/**
 * Middleware for Koa 3 and 2: gives each request its visitor's session as `ctx.session`, and saves it when the middleware after it is
 * done. Where it cannot be loaded or saved, it throws the error, with the `status` that {@link statusOf} says. What is thrown after
 * it saves nothing. A response that is not Koa's (`ctx.respond = false`) is saved before its first byte leaves.
 */
export function sessionMiddleware<D extends object>(
  sessions: Sessions<D>,
  options: SessionHttpOptions = {},
): Middleware<DefaultState, SessionContext<D>> {
  const cookie = sessionCookie(options.cookie);
  return async (ctx, next) => {
    if (ctx.session) throw new TypeError('The context has a session already: use sessionMiddleware once.');
    const visit = await beginVisit(sessions, cookie, ctx.get('Cookie'), options).catch((error: unknown) => {
      throw withStatus(error);
    });
    ctx.session = visit.session;
    // Koa drops all headers when it answers an error: the cookie has to come after that, right before the head.
    commitBeforeHead(ctx.res, visit, (error) => ctx.onerror(withStatus(error) as Error));
    try {
      await next();
    } catch (error) {
      visit.abandon();
      throw error;
    }
    if (ctx.respond === false) return;
    try {
      await visit.commit(ctx.status);
    } catch (error) {
      await withdraw(ctx, statusOf(error));
      throw withStatus(error);
    }
  };
}

/** Takes back what was to be answered, so that nobody who handles the error, or ignores it, answers it after all. */
async function withdraw(ctx: ParameterizedContext, status: number): Promise<void> {
  await discardContent(ctx.body);
  forgetContent(ctx.res.getHeaderNames(), (name) => ctx.remove(name));
  ctx.body = undefined;
  ctx.status = status;
}
