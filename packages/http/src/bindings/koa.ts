import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Session, Sessions } from '@stet/core';
import { forgetContent } from '../failure/content-headers.ts';
import { discardContent } from '../failure/discard-content.ts';
import { statusOf, withStatus } from '../failure/error-status.ts';
import { commitBeforeHead } from '../gate/commit-before-head.ts';
import { type SessionHttpOptions, visitsOf } from '../visit/visit.ts';

export type { CookieOptions } from '../cookie/session-cookie.ts';
export type { SessionHttpOptions } from '../visit/visit.ts';
export { statusOf };

/** What {@link sessionMiddleware} adds to the context: `new Koa<DefaultState, SessionContext<ShopData>>()`. */
export interface SessionContext<D extends object> {
  /** The visitor's session. */
  session: Session<D>;
}

/** The part of Koa's context that the middleware works with. */
export interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  status: number;
  body: unknown;
  /** False: what answers is not Koa. */
  respond?: boolean;
  /** Answers an error as Koa does, and reports it to the application. */
  onerror(error: Error): void;
}

/** Middleware for Koa 3 and 2, and for whatever calls middleware as they do. */
export type SessionMiddleware = (ctx: KoaContext, next: () => Promise<unknown>) => Promise<void>;

/**
 * Gives each request its visitor's session as `ctx.session`, and saves it when the middleware after it is done. Where
 * it cannot be loaded or saved, it throws the error, with the `status` that {@link statusOf} says. What is thrown after
 * it saves nothing. A response that is not Koa's (`ctx.respond = false`) is saved before its first byte leaves.
 */
export function sessionMiddleware<D extends object>(
  sessions: Sessions<D>,
  options: SessionHttpOptions = {},
): SessionMiddleware {
  const begin = visitsOf(sessions, options);
  return async (ctx, next) => {
    if ('session' in ctx) throw new TypeError('The context has a session already: use sessionMiddleware once.');
    const visit = await begin(ctx.req.headers.cookie).catch((error: unknown) => {
      throw withStatus(error);
    });
    Object.assign(ctx, { session: visit.session });
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
async function withdraw(ctx: KoaContext, status: number): Promise<void> {
  await discardContent(ctx.body);
  forgetContent(ctx.res.getHeaderNames(), (name) => ctx.res.removeHeader(name));
  ctx.body = undefined;
  ctx.status = status;
}
