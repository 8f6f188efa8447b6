import { MemoryStore, type Session, Sessions, type SessionValues, StoreError } from '@stet/core';
import { Gate, interceptedStore, listening } from '@stet/visitors';
import Koa, { type DefaultState, type Middleware } from 'koa';
import Koa2 from 'koa2';
import { describe, expect, test } from 'vitest';
import { type SessionContext, sessionMiddleware } from '../src/bindings/koa.ts';

type Handler = Middleware<DefaultState, SessionContext<SessionValues>>;

const unavailable = () => new StoreError('STORE_UNAVAILABLE', 'The disk is gone.');
const ourCookie = /^__Host-sid=[\w-]{43};/;

describe.each([
  ['koa 3', Koa],
  ['koa 2', Koa2],
])('%s', (_, Framework) => {
  /**
   * A server whose every request changes its session before the handler runs, within the middleware that is around the
   * session.
   */
  function changing(handler: Handler, { around = (_ctx, next) => next(), failures = 0, held = false }: Setup = {}) {
    const memory = new MemoryStore();
    const gate = new Gate();
    const store = interceptedStore(memory, async (operation) => {
      if (operation !== 'create') return;
      if (held) await gate.pass();
      failures -= 1;
      if (failures >= 0) throw unavailable();
    });
    const errors: unknown[] = [];
    const server = new Framework().on('error', (error) => errors.push(error));
    server.use(around).use(sessionMiddleware(new Sessions({ store })));
    server.use((ctx, next) => {
      (ctx.session as Session).data.visited = true;
      return next();
    });
    server.use(handler as Middleware);
    const kept = async () => (await Array.fromAsync(new Sessions({ store: memory }).entries())).map(({ data }) => data);
    return { listener: server.callback(), gate, errors, kept };
  }

  describe('what is thrown after it', () => {
    test('saves nothing, and is answered by Koa', async () => {
      const { listener, errors, kept } = changing((ctx) => ctx.throw(403, 'Not you.'));
      const response = await fetch(await listening(listener));
      expect([response.status, await response.text()]).toEqual([403, 'Not you.']);
      expect(response.headers.getSetCookie()).toEqual([]);
      expect(response.headers.get('vary')).toBe('Cookie');
      expect(errors).toHaveLength(1);
      expect(await kept()).toEqual([]);
    });

    test('saves nothing, whatever is answered to it', async () => {
      const around: Middleware = (ctx, next) =>
        next().catch((error) => {
          ctx.body = `excused: ${error.message}`;
        });
      const { listener, kept } = changing((ctx) => ctx.throw(403, 'Not you.'), { around });
      const response = await fetch(await listening(listener));
      expect([response.status, await response.text()]).toEqual([200, 'excused: Not you.']);
      expect(await kept()).toEqual([]);
    });

    test('does not take away the token that it moved the session to, though Koa drops the headers', async () => {
      const { listener, kept } = changing(async (ctx) => {
        await ctx.session.save();
        await ctx.session.regenerate();
        ctx.set('X-Dropped', '1');
        throw new Error('…');
      });
      const { status, headers } = await fetch(await listening(listener));
      expect([status, headers.get('x-dropped')]).toEqual([500, null]);
      expect(headers.getSetCookie()).toEqual([expect.stringMatching(ourCookie)]);
      expect([headers.get('vary'), headers.get('cache-control')]).toEqual(['Cookie', 'no-store']);
      expect(await kept()).toEqual([{ visited: true }]);
    });
  });

  describe('a save that fails', () => {
    const redirect: Handler = (ctx) => {
      ctx.set({ ETag: '"1"', 'X-Frame-Options': 'DENY' });
      ctx.redirect('/elsewhere');
    };

    test('is thrown itself, with its status', async () => {
      let caught: unknown;
      const around: Middleware = async (ctx, next) => {
        try {
          await next();
        } catch (error) {
          caught = error;
          ctx.body = { headerSent: ctx.headerSent };
          ctx.status = (error as { status: number }).status;
        }
      };
      const { listener } = changing(redirect, { around, failures: 1 });
      const response = await fetch(await listening(listener), { redirect: 'manual' });
      expect([response.status, await response.json()]).toEqual([503, { headerSent: false }]);
      expect(caught).toMatchObject({ code: 'STORE_UNAVAILABLE', status: 503 });
      for (const name of ['etag', 'location', 'set-cookie']) expect(response.headers.get(name)).toBeNull();
      expect(response.headers.get('x-frame-options')).toBe('DENY');
    });

    test.each<[string, Handler]>([
      ['a redirect', redirect],
      [
        'a text',
        (ctx) => {
          ctx.body = 'Saved!';
        },
      ],
      [
        'an object',
        (ctx) => {
          ctx.body = { saved: true };
        },
      ],
    ])('is an error also where somebody swallows it: %s', async (_, handler) => {
      const around: Middleware = (_ctx, next) => next().catch(() => {});
      const { listener } = changing(handler, { around, failures: 1 });
      const response = await fetch(await listening(listener), { redirect: 'manual' });
      expect([response.status, await response.text()]).toEqual([503, 'Service Unavailable']);
    });

    test('is not tried again for what is answered to it', async () => {
      const around: Middleware = (ctx, next) =>
        next().catch(() => {
          ctx.status = 200;
          ctx.body = 'Not saved, sorry.';
        });
      const { listener, kept } = changing(redirect, { around, failures: 1 });
      const response = await fetch(await listening(listener));
      expect([response.status, await response.text()]).toEqual([200, 'Not saved, sorry.']);
      expect(await kept()).toEqual([]);
    });

    test('lets go of a web stream', async () => {
      const cancelled = Promise.withResolvers<void>();
      const { listener } = changing(
        (ctx) => {
          ctx.body = new ReadableStream({ cancel: () => cancelled.resolve() });
        },
        { failures: 1 },
      );
      expect((await fetch(await listening(listener))).status).toBe(503);
      await cancelled.promise;
    });
  });

  describe('a response that is not Koa’s', () => {
    const own: Handler = (ctx) => {
      ctx.respond = false;
      // After Koa is done with it.
      setImmediate(() => ctx.res.writeHead(201).end('mine'));
    };

    test('is saved before its first byte leaves', async () => {
      const { listener, gate, kept } = changing(own, { held: true });
      let hasBegun = false;
      const asked = fetch(await listening(listener)).finally(() => {
        hasBegun = true;
      });
      await gate.reached;
      expect(hasBegun).toBe(false);
      gate.open();
      const response = await asked;
      expect([response.status, await response.text()]).toEqual([201, 'mine']);
      expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(ourCookie)]);
      expect(await kept()).toEqual([{ visited: true }]);
    });

    test('with a status of 500 saves nothing', async () => {
      const { listener, kept } = changing((ctx) => {
        ctx.respond = false;
        setImmediate(() => ctx.res.writeHead(500).end());
      });
      expect((await fetch(await listening(listener))).status).toBe(500);
      expect(await kept()).toEqual([]);
    });

    test('is an error of Koa where its session cannot be saved', async () => {
      const { listener, errors } = changing(own, { failures: 1 });
      const response = await fetch(await listening(listener));
      expect([response.status, await response.text()]).toEqual([503, 'Service Unavailable']);
      expect(errors).toEqual([expect.objectContaining({ code: 'STORE_UNAVAILABLE' })]);
    });
  });

  test('mounted twice is an error, not two sessions', async () => {
    const server = new Framework();
    server.silent = true;
    for (let n = 0; n < 2; n += 1) server.use(sessionMiddleware(new Sessions({ store: new MemoryStore() })));
    expect((await fetch(await listening(server.callback()))).status).toBe(500);
  });
});

interface Setup {
  around?: Middleware;
  /** How often the store fails before it works. */
  failures?: number;
  held?: boolean;
}
