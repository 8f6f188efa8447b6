import { MemoryStore, Sessions } from '@stet/core';
import { listening, Visitor } from '@stet/visitors';
import { describe, expect, test } from 'vitest';
import { sessionMiddleware as express } from '../src/bindings/express.ts';
import { sessionPlugin } from '../src/bindings/fastify.ts';
import { withSession as fetch } from '../src/bindings/fetch.ts';
import { sessionMiddleware as hono } from '../src/bindings/hono.ts';
import { sessionMiddleware as koa } from '../src/bindings/koa.ts';
import { withSession as node, sessionFinder } from '../src/bindings/node.ts';
import { bindings } from './support/bindings.ts';

const doors = { express, sessionPlugin, fetch, hono, koa, node, sessionFinder };

describe.each(Object.entries(doors))('%s', (_, door) => {
  const open = door as (...args: unknown[]) => unknown;

  test('says what to do where it is given a store', () => {
    for (const given of [new MemoryStore(), undefined, {}]) {
      expect(() => open(given, {}, () => {})).toThrow(
        new TypeError('@stet/http takes Sessions, not a store: new Sessions({ store }).'),
      );
    }
  });

  test.each([
    [{ cokie: {} }, 'did you mean "cookie"'],
    [{ cookie: { samesite: 'lax' } }, 'did you mean "sameSite"'],
  ])('says which option was meant by %o', (options, message) => {
    const sessions = new Sessions({ store: new MemoryStore() });
    expect(() => open(sessions, options, () => {})).toThrow(TypeError);
    expect(() => open(sessions, options, () => {})).toThrow(message);
  });
});

describe.each(bindings)('%s', (_, bind) => {
  test('a session may have a cookie of its own life, which follows it', async () => {
    const sessions = new Sessions({ store: new MemoryStore(), idleTimeoutMs: 60_000, absoluteTimeoutMs: 60_000 });
    const visitor = new Visitor(
      await listening(
        bind(sessions, (session, { pathname }) => {
          session.data.path = pathname;
          if (pathname === '/remember') session.lifetime = { idleTimeoutMs: 86_400_000, persistent: true };
          if (pathname === '/forget') Object.assign(session, { lifetime: undefined });
          return 'done';
        }),
      ),
    );
    const lineAt = async (path: string) => (await visitor.get(path)).setCookie[0];
    expect(await lineAt('/')).not.toContain('Max-Age');
    expect(await lineAt('/again')).toBeUndefined();
    expect(await lineAt('/remember')).toContain('Max-Age=86400;');
    expect(await lineAt('/forget')).not.toContain('Max-Age');
    expect(await lineAt('/again')).toBeUndefined();
  });

  test('requests may be told not to prolong the session, or to save nothing', async () => {
    let now = Date.now();
    const sessions = new Sessions({ store: new MemoryStore({ now: () => now }), now: () => now, touchAfterMs: 0 });
    const ends: Array<number | undefined> = [];
    const app = (change: boolean) => (session: import('@stet/core').Session) => {
      if (change) session.data.visited = true;
      ends.push(session.expiresAt);
      return JSON.stringify(session.data);
    };
    const begin = new Visitor(await listening(bind(sessions, app(true))));
    await begin.get('/');
    now += 60_000;
    const polling = new Visitor(await listening(bind(sessions, app(false), { rolling: false })), begin.cookie);
    const reading = new Visitor(await listening(bind(sessions, app(false), { readOnly: true })), begin.cookie);
    for (const visitor of [polling, polling, reading, reading]) await visitor.get('/');
    const [, ...seen] = ends;
    expect(new Set(seen).size).toBe(1);
    const writing = new Visitor(await listening(bind(sessions, app(true), { readOnly: true })));
    expect(await writing.get('/')).toMatchObject({ status: 500, setCookie: [] });
  });
});
