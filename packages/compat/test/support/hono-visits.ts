import { type SessionEnv, useSession } from '@hono/session';
import { generateToken } from '@stet/core';
import { type Context, Hono } from 'hono';
import { cors } from 'hono/cors';
import { type StetSessionStorageOptions, useStetSessionStorage } from '../../src/hono.ts';
import { type ObservedMemory, observedMemory } from './observed-memory.ts';

export type Handler = (c: Context<SessionEnv>) => Response | Promise<Response>;

export const secret = 'a secret of at least 32 characters';

/** Visits of an application over sessions in memory. */
export interface ObservedVisits extends ObservedMemory {
  /** The codes of what reached `app.onError`, or the errors that have none. */
  readonly errors: unknown[];
  /** A request to a handler of its own. */
  visit(cookie: string | undefined, handler: Handler): Promise<Response>;
  /** The cookie of a session that has been stored with this in it; `calls` are those from then on. */
  begun(values?: Record<string, unknown>): Promise<string>;
  /** What the next request finds. */
  data(cookie: string): Promise<unknown>;
}

export function setUp(
  options: Partial<StetSessionStorageOptions> = {},
  generateId: () => string = generateToken,
): ObservedVisits {
  const { seen, store, now } = observedMemory();
  const errors: unknown[] = [];
  const storage = useStetSessionStorage({ store, now, ...options });
  const visit: ObservedVisits['visit'] = async (cookie, handler) => {
    const app = new Hono<SessionEnv>().onError((error, c) => {
      errors.push((error as { code?: unknown }).code ?? error);
      return c.text('failed', 500);
    });
    app.get('/', cors(), storage, useSession({ secret, generateId }), handler);
    return app.request('/', cookie ? { headers: { cookie } } : {});
  };
  return {
    ...seen,
    errors,
    visit,
    begun: async (values = { user: 'u' }) => {
      const cookie = cookieOf(
        await visit(
          undefined,
          changing(() => values),
        ),
      );
      seen.calls.length = 0;
      return cookie;
    },
    data: async (cookie) => (await visit(cookie, async (c) => c.json(await c.var.session.get()))).json(),
  };
}

/** The cookie that a browser keeps of a response. */
export function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
}

/** A handler that changes the session as the documentation of the host does. */
export function changing(change: (values: Record<string, unknown> | null) => Record<string, unknown>): Handler {
  return async (c) => {
    await c.var.session.update(change);
    return c.text('done');
  };
}
