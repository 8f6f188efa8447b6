import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isStoreError, MemoryStore, Sessions, StoreError } from '@stet/core';
import { Gate, interceptedStore, listening } from '@stet/visitors';
import { type Context, Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { streamText } from 'hono/streaming';
import { describe, expect, test, vi } from 'vitest';
import { type SessionVariables, sessionMiddleware } from '../src/bindings/hono.ts';

interface Shop {
  visited?: boolean;
}
type Env = { Variables: SessionVariables<Shop> };
type Handler = (c: Context<Env>) => Response | Promise<Response>;

const ourCookie = /^__Host-sid=[\w-]{43};/;

/** An application whose every request changes its session before the handler runs. */
function changing(handler: Handler, { failing = false, held = false } = {}) {
  const memory = new MemoryStore();
  const gate = new Gate();
  const store = interceptedStore(memory, async (operation) => {
    if (operation !== 'create') return;
    if (held) await gate.pass();
    if (failing) throw new StoreError('STORE_UNAVAILABLE', 'The disk is gone.');
  });
  const app = new Hono<Env>();
  app.use(sessionMiddleware(new Sessions<Shop>({ store })), async (c, next) => {
    c.var.session.data.visited = true;
    await next();
  });
  app.get('/', handler);
  const kept = async () => (await Array.fromAsync(new Sessions({ store: memory }).entries())).map(({ data }) => data);
  return { app, gate, kept };
}

describe('what a handler throws', () => {
  const forbid: Handler = () => {
    throw new HTTPException(403, { message: 'Not you.' });
  };

  test('saves nothing, and is answered by Hono', async () => {
    const { app, kept } = changing(forbid);
    const response = await app.request('/');
    expect([response.status, await response.text()]).toEqual([403, 'Not you.']);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(response.headers.get('vary')).toBe('Cookie');
    expect(await kept()).toEqual([]);
  });

  test('saves nothing, whatever app.onError answers', async () => {
    const { app, kept } = changing(forbid);
    app.onError((error, c) => c.text(`excused: ${error.message}`));
    const response = await app.request('/');
    expect([response.status, await response.text()]).toEqual([200, 'excused: Not you.']);
    expect(await kept()).toEqual([]);
  });

  test('does not take away the token that it moved the session to', async () => {
    const { app, kept } = changing(async (c) => {
      await c.var.session.save();
      await c.var.session.regenerate();
      throw new HTTPException(500);
    });
    const response = await app.request('/');
    expect([response.status, response.headers.getSetCookie()]).toEqual([500, [expect.stringMatching(ourCookie)]]);
    expect(await kept()).toEqual([{ visited: true }]);
  });
});

describe('a save that fails', () => {
  const redirect: Handler = (c) => {
    c.header('ETag', '"1"');
    c.header('X-Frame-Options', 'DENY');
    setCookie(c, 'theme', 'dark');
    return c.redirect('/elsewhere');
  };

  function expectForgotten({ headers }: Response): void {
    for (const name of ['etag', 'location']) expect(headers.get(name)).toBeNull();
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.getSetCookie()).toEqual(['theme=dark; Path=/']);
  }

  test('is answered by Hono with its status, and says nothing that only the log should have', async () => {
    const { app } = changing(redirect, { failing: true });
    const response = await app.request('/');
    expect([response.status, await response.text()]).toEqual([503, 'Service Unavailable\n']);
    expectForgotten(response);
  });

  test('goes to app.onError itself, with its status', async () => {
    const { app } = changing(redirect, { failing: true });
    app.onError((error, c) => c.json({ isStoreError: isStoreError(error), ...error }, 502));
    const response = await app.request('/');
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ isStoreError: true, code: 'STORE_UNAVAILABLE', status: 503 });
    expectForgotten(response);
  });

  test('keeps the visitor whose session was moved, whatever response app.onError makes', async () => {
    const { app } = changing(
      async (c) => {
        await c.var.session.regenerate();
        await c.var.session.save();
        (c.var.session.data as Record<string, unknown>).big = 1n;
        return c.text('Saved!');
      },
      { failing: false },
    );
    app.onError(() => new Response('sorry', { status: 500, headers: { Vary: 'Accept' } }));
    const response = await app.request('/');
    expect([response.status, await response.text()]).toEqual([500, 'sorry']);
    expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(ourCookie)]);
    expect(response.headers.get('vary')).toContain('Cookie');
  });

  test('is not printed as an error of the application', async () => {
    const print = vi.spyOn(console, 'error');
    const { app } = changing(redirect, { failing: true });
    await app.request('/');
    expect(print).not.toHaveBeenCalled();
    print.mockRestore();
  });
});

describe('a response', () => {
  test('may stream on after the save, which comes before it is handed on', async () => {
    const next = Promise.withResolvers<void>();
    const { app, gate, kept } = changing(
      (c) =>
        streamText(c, async (stream) => {
          await stream.write('one,');
          await next.promise;
          await stream.write('two');
        }),
      { held: true },
    );
    let hasBegun = false;
    const asked = Promise.resolve(app.request('/')).finally(() => {
      hasBegun = true;
    });
    await gate.reached;
    expect(hasBegun).toBe(false);
    gate.open();
    const response = await asked;
    expect(await kept()).toEqual([{ visited: true }]);
    next.resolve();
    expect(await response.text()).toBe('one,two');
  });

  const own = { 'X-Own': '1', 'Set-Cookie': 'theme=dark; Path=/' };

  test.each<[string, Handler]>([
    ['made by Hono', (c) => c.text('four', 200, own)],
    ['made by hand', () => new Response('four', { headers: own })],
    [
      'whose headers cannot be changed',
      async () => fetch(await listening((_request, response) => response.writeHead(200, own).end('four'))),
    ],
  ])('%s keeps its headers and its cookies beside ours', async (_, handler) => {
    const { app, kept } = changing(handler);
    const response = await app.request('/');
    expect([response.status, await response.text()]).toEqual([200, 'four']);
    expect(response.headers.get('x-own')).toBe('1');
    expect(response.headers.getSetCookie()).toEqual(['theme=dark; Path=/', expect.stringMatching(ourCookie)]);
    expect(await kept()).toEqual([{ visited: true }]);
  });

  test('of middleware around and within keeps what they say', async () => {
    const app = new Hono<Env>();
    app.use(cors({ origin: 'https://example.org' }));
    app.use(sessionMiddleware(new Sessions<Shop>({ store: new MemoryStore() })));
    app.use(async (c, next) => {
      setCookie(c, 'a', '1');
      await next();
      setCookie(c, 'b', '2');
    });
    app.get('/', (c) => {
      c.var.session.data.visited = true;
      return c.text('four');
    });
    const { headers } = await app.request('/', { headers: { Origin: 'https://example.org' } });
    expect(headers.get('access-control-allow-origin')).toBe('https://example.org');
    expect(headers.get('vary')?.split(', ').toSorted()).toEqual(['Cookie', 'Origin']);
    expect(headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/', expect.stringMatching(ourCookie)]);
  });

  test('of a sub-application, and of none, has its session', async () => {
    const app = new Hono<Env>();
    app.use(sessionMiddleware(new Sessions<Shop>({ store: new MemoryStore() })));
    app.route(
      '/sub',
      new Hono<Env>().get('/', (c) => c.text(`new: ${c.var.session.isNew}`)),
    );
    expect(await (await app.request('/sub')).text()).toBe('new: true');
    const none = await app.request('/none');
    expect([none.status, none.headers.get('vary')]).toEqual([404, 'Cookie']);
  });
});

test('mounted twice is an error, not two sessions', async () => {
  const app = new Hono();
  for (let n = 0; n < 2; n += 1) app.use(sessionMiddleware(new Sessions({ store: new MemoryStore() })));
  app.onError((error, c) => c.text(error.message, 500));
  expect(await (await app.request('/')).text()).toContain('once');
});

test.each(['hono.ts', 'fetch.ts'])('%s needs nothing of Node.js', async (entry) => {
  const seen = new Set<string>();
  const foreign = new Set<string>();
  async function follow(file: string): Promise<void> {
    if (seen.has(file)) return;
    seen.add(file);
    const code = await readFile(file, 'utf8');
    for (const [, keyword, specifier = ''] of code.matchAll(/^(import|export)\s(?!type\b)[^;]*?from '([^']+)';/gm)) {
      if (specifier.startsWith('.')) await follow(join(dirname(file), specifier));
      else foreign.add(`${keyword} ${specifier}`);
    }
  }
  await follow(join(import.meta.dirname, '../src/bindings', entry));
  expect(seen.size).toBeGreaterThan(5);
  expect([...foreign].toSorted()).toEqual(['import @stet/core', 'import cookie']);
});
