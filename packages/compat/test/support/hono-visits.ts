import { type SessionEnv, useSession } from '@hono/session';
import { generateToken, MemoryStore, type SessionRecord, StoreError } from '@stet/core';
import { type Context, Hono } from 'hono';
import { cors } from 'hono/cors';
import { type StetSessionStorageOptions, useStetSessionStorage } from '../../src/hono.ts';
import { interceptedStore, type Operation } from './intercepted-store.ts';
import type { Gate } from './meeting.ts';

export type Handler = (c: Context<SessionEnv>) => Response | Promise<Response>;

export const minuteMs = 60_000;
export const secret = 'a secret of at least 32 characters';

/** Visits of an application over sessions in memory, at a time that the test moves, with operations that it holds up or makes fail. */
export interface ObservedVisits {
  readonly memory: MemoryStore;
  /** What the store was asked since the last session was `begun`. */
  readonly calls: Operation[];
  readonly failing: Set<Operation>;
  readonly gates: Map<Operation, Gate>;
  /** The codes of what reached `app.onError`, or the errors that have none. */
  readonly errors: unknown[];
  pass(ms: number): void;
  records(): Promise<Array<readonly [id: string, record: SessionRecord]>>;
  /** How long what is kept has to live, in minutes. */
  minutesLeft(): Promise<number[]>;
  /** A request to a handler of its own. */
  visit(cookie: string | undefined, handler: Handler): Promise<Response>;
  /** The cookie of a session that has been stored with this in it. */
  begun(values?: Record<string, unknown>): Promise<string>;
  /** What the next request finds. */
  data(cookie: string): Promise<unknown>;
}

export function setUp(
  options: Partial<StetSessionStorageOptions> = {},
  generateId: () => string = generateToken,
): ObservedVisits {
  let aheadMs = 0;
  const now = () => Date.now() + aheadMs;
  const memory = new MemoryStore({ now });
  const calls: Operation[] = [];
  const failing = new Set<Operation>();
  const gates = new Map<Operation, Gate>();
  const errors: unknown[] = [];
  const store = interceptedStore(memory, async (operation) => {
    calls.push(operation);
    await gates.get(operation)?.pass();
    if (failing.has(operation)) throw new StoreError('STORE_UNAVAILABLE', 'The disk is gone.');
  });
  const storage = useStetSessionStorage({ store, now, ...options });
  const records = () => Array.fromAsync(memory.entries());
  const visit: ObservedVisits['visit'] = async (cookie, handler) => {
    const app = new Hono<SessionEnv>().onError((error, c) => {
      errors.push((error as { code?: unknown }).code ?? error);
      return c.text('failed', 500);
    });
    app.get('/', cors(), storage, useSession({ secret, generateId }), handler);
    return app.request('/', cookie ? { headers: { cookie } } : {});
  };
  return {
    memory,
    calls,
    failing,
    gates,
    errors,
    pass: (ms) => {
      aheadMs += ms;
    },
    records,
    minutesLeft: async () => (await records()).map(([, { expiresAt }]) => Math.round((expiresAt - now()) / minuteMs)),
    visit,
    begun: async (values = { user: 'u' }) => {
      const cookie = cookieOf(
        await visit(
          undefined,
          changing(() => values),
        ),
      );
      calls.length = 0;
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
