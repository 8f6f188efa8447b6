import { listening, Visitor } from '@stet/visitors';
import Koa, { type Context, type Next } from 'koa';
import { type CreateSessionOptions, createSession } from 'koa-session';

export interface KoaSite {
  readonly app: Koa;
  readonly origin: string;
  /** What reached the middleware above the session. */
  readonly errors: unknown[];
  visitor(): Visitor;
}

/**
 * What an application serves: by its first path segment, with the second. What a route returns is the body, as JSON.
 */
export type KoaRoutes = Readonly<Record<string, (ctx: Context, argument: string) => unknown>>;

/** What a small application does with its sessions. */
const usual: KoaRoutes = {
  put: ({ session }: Context, key) => {
    session[key] = true;
    return session.externalKey;
  },
  drop: ({ session }, key) => {
    delete session[key];
    return session.externalKey;
  },
  'log-in': async ({ session }) => {
    await session.regenerate();
    session.user = 'ada';
  },
  'log-out': (ctx) => {
    ctx.session = null;
  },
  'save-twice': async ({ session }) => {
    session.step = 1;
    await session.save();
    session.step = 2;
  },
  replace: (ctx, key) => {
    ctx.session = { [key]: true };
  },
  remember: ({ session }) => {
    session.maxAge = 30 * 86_400_000;
  },
  '': ({ session }) => Object.keys(session.toJSON()),
};

/**
 * An application of koa-session over real HTTP, until the test is over, below a middleware that answers an error with
 * its code. It has the usual routes, and `more`. Cookies are not signed, so that there is one.
 */
export async function openKoaSite(options: CreateSessionOptions, more: KoaRoutes = {}): Promise<KoaSite> {
  const routes = { ...usual, ...more };
  const errors: unknown[] = [];
  const app = new Koa();
  app.use(async (ctx: Context, next: Next) => {
    try {
      await next();
    } catch (error) {
      errors.push(error);
      ctx.status = 500;
      ctx.body = (error as { code?: string }).code ?? 'error';
    }
  });
  app.use(createSession({ signed: false, ...options }, app));
  app.use(async (ctx: Context) => {
    const [, name = '', argument = ''] = ctx.path.split('/', 3);
    const body = await routes[name]?.(ctx, argument);
    if (ctx.status === 404) ctx.body = JSON.stringify(body ?? null);
  });
  const origin = await listening(app.callback());
  return { app, origin, errors, visitor: () => new Visitor(origin) };
}
