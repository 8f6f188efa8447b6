import { MemoryStore, type Session, Sessions } from '@stet/core';
import { Gate, interceptedStore, listening, type Operation, Visitor } from '@stet/visitors';
import express from 'express';
import { describe, expect, test } from 'vitest';
import { sessionMiddleware } from '../src/bindings/express.ts';
import { withSession as withFetchSession } from '../src/bindings/fetch.ts';
import { withSession } from '../src/bindings/node.ts';
import { type App, bindings } from './support/bindings.ts';

/** A store that notes what it is asked for. */
function notedStore(store = new MemoryStore()) {
  const noted: Operation[] = [];
  return { store: interceptedStore(store, (operation) => noted.push(operation)), noted };
}

const app: App = async (session, { pathname, searchParams }) => {
  if (pathname === '/begin') session.data.user = 'ada';
  if (pathname === '/rotate') await session.regenerate();
  if (pathname === '/rotate-with-grace') await session.regenerate({ graceMs: 10_000 });
  if (pathname === '/destroy') await session.destroy();
  if (pathname === '/keep') {
    session.data.kept = true;
    await session.save();
  }
  if (searchParams.has('change')) session.data.changed = true;
  return { status: Number(searchParams.get('status') ?? 200), body: JSON.stringify(session.data) };
};

describe.each(bindings)('%s', (_, bind) => {
  test('a request without a cookie has no traffic and no cookie until something is saved', async () => {
    const { store, noted } = notedStore();
    const visitor = new Visitor(await listening(bind(new Sessions({ store }), app)));
    const { headers, setCookie } = await visitor.get('/');
    expect(noted).toEqual([]);
    expect(setCookie).toEqual([]);
    expect(headers.get('vary')).toBe('Cookie');
    expect(headers.get('cache-control')).toBeNull();
    await visitor.get('/begin');
    expect(noted).toEqual(['create']);
  });

  test('a request that only reads has one load and no cookie', async () => {
    const { store, noted } = notedStore();
    const visitor = new Visitor(await listening(bind(new Sessions({ store }), app)));
    await visitor.get('/begin');
    noted.length = 0;
    const { headers, setCookie, text } = await visitor.get('/');
    expect(JSON.parse(text)).toEqual({ user: 'ada' });
    expect(noted).toEqual(['load']);
    expect(setCookie).toEqual([]);
    expect(headers.get('vary')).toBe('Cookie');
  });

  test('a session that changed has one load and one update, and keeps its cookie', async () => {
    const { store, noted } = notedStore();
    const visitor = new Visitor(await listening(bind(new Sessions({ store }), app)));
    await visitor.get('/begin');
    noted.length = 0;
    const { setCookie } = await visitor.get('/?change');
    expect(noted).toEqual(['load', 'update']);
    expect(setCookie).toEqual([]);
  });

  test('an unknown cookie is not adopted, and creates nothing', async () => {
    const { store, noted } = notedStore();
    const unknown = `__Host-sid=${'x'.repeat(43)}`;
    const visitor = new Visitor(await listening(bind(new Sessions({ store }), app)), unknown);
    expect(await visitor.text('/')).toBe('{}');
    expect(noted).toEqual(['load']);
    await visitor.get('/begin');
    expect(visitor.cookie).toMatch(/^__Host-sid=/);
    expect(visitor.cookie).not.toBe(unknown);
  });

  test('a response with a status of 500 or more saves nothing', async () => {
    const visitor = new Visitor(await listening(bind(new Sessions({ store: new MemoryStore() }), app)));
    expect((await visitor.get('/begin?status=500')).setCookie).toEqual([]);
    await visitor.get('/begin');
    await visitor.get('/?change&status=503');
    expect(await visitor.json('/')).toEqual({ user: 'ada' });
    await visitor.get('/?change&status=499');
    expect(await visitor.json('/')).toEqual({ user: 'ada', changed: true });
  });

  test('a handler that throws saves nothing', async () => {
    const { store, noted } = notedStore();
    const visitor = new Visitor(
      await listening(
        bind(new Sessions({ store }), (session) => {
          session.data.changed = true;
          throw new Error('The handler failed.');
        }),
      ),
    );
    expect((await visitor.get('/')).status).toBe(500);
    expect(noted).toEqual([]);
  });

  test('what the handler has saved, moved or destroyed itself reaches the visitor with a status of 500, too', async () => {
    const visitor = new Visitor(await listening(bind(new Sessions({ store: new MemoryStore() }), app)));
    await visitor.get('/keep?status=500');
    expect(await visitor.json('/')).toEqual({ kept: true });
    const before = visitor.cookie;
    await visitor.get('/rotate?status=500');
    expect(visitor.cookie).not.toBe(before);
    expect(await visitor.json('/')).toEqual({ kept: true });
    await visitor.get('/destroy?status=500');
    expect(visitor.cookie).toBeUndefined();
  });

  test('a request that comes late with a token in its grace leaves the cookie alone', async () => {
    const visitor = new Visitor(await listening(bind(new Sessions({ store: new MemoryStore() }), app)));
    await visitor.get('/begin');
    const late = visitor.twin();
    await visitor.get('/rotate-with-grace');
    const { setCookie, text } = await late.get('/?change');
    expect(JSON.parse(text)).toEqual({ user: 'ada', changed: true });
    expect(setCookie).toEqual([]);
    expect(await visitor.json('/')).toEqual({ user: 'ada', changed: true });
  });

  test('lazy: a session that is not loaded has no traffic, and says nothing of cookies', async () => {
    const { store, noted } = notedStore();
    const sessions = new Sessions({ store });
    const visitor = new Visitor(await listening(bind(sessions, app)));
    await visitor.get('/begin');
    noted.length = 0;
    const lazyApp: App = async (session, { pathname }) => {
      if (pathname === '/static') return 'static';
      await session.load();
      return app(session, new URL('http://localhost/?change'));
    };
    const lazyVisitor = new Visitor(await listening(bind(sessions, lazyApp, { lazy: true })), visitor.cookie);
    expect((await lazyVisitor.get('/static')).headers.get('vary')).toBeNull();
    expect(noted).toEqual([]);
    expect(await lazyVisitor.json('/')).toEqual({ user: 'ada', changed: true });
    expect(noted).toEqual(['load', 'update']);
  });

  test('a session cookie lasts as long as the browser; a persistent one as long as the session, renewed when that moves', async () => {
    let clock = Date.now();
    const sessions = new Sessions({
      store: new MemoryStore({ now: () => clock }),
      idleTimeoutMs: 600_000,
      touchAfterMs: 60_000,
      now: () => clock,
    });
    const origin = await listening(bind(sessions, app, { cookie: { persistent: true } }));
    const visitor = new Visitor(origin);
    const cookieOf = async (path: string) => (await visitor.get(path)).setCookie;
    expect(await cookieOf('/begin')).toEqual([expect.stringContaining('; Max-Age=600;')]);
    expect(await cookieOf('/')).toEqual([]);
    clock += 60_000;
    const [renewed = ''] = await cookieOf('/');
    expect(renewed.split(';')[0]).toBe(visitor.cookie);
    expect(renewed).toContain('; Max-Age=660;');
    expect(await cookieOf('/')).toEqual([]);
  });
});

describe('after the commit', () => {
  test('changing the session throws', async () => {
    const thrown = Promise.withResolvers<unknown[]>();
    const listener = withSession(
      new Sessions({ store: new MemoryStore() }),
      {},
      async (_request, response, session) => {
        session.data.cart = ['book'];
        await new Promise<void>((resolve) => response.end('done', resolve));
        const attempts = [
          () => {
            session.data.cart = [];
          },
          () => session.update('n', () => 1),
          () => {
            session.subject = 'ada';
          },
        ];
        thrown.resolve(attempts.map((attempt) => errorOf(attempt)));
      },
    );
    expect(await (await fetch(await listening(listener))).text()).toBe('done');
    expect(await thrown.promise).toEqual([...Array(3).fill(expect.objectContaining({ code: 'SESSION_STATE' }))]);
  });
});

test('what a handler changes while its session is being saved is saved, too', async () => {
  const memory = new MemoryStore();
  const gate = new Gate();
  const store = interceptedStore(memory, (operation) => operation === 'create' && gate.pass());
  const listener = withSession(new Sessions({ store }), {}, async (_request, response, session) => {
    session.data.first = true;
    response.end('done');
    await gate.reached;
    session.data.second = true;
    gate.open();
  });
  expect(await (await fetch(await listening(listener))).text()).toBe('done');
  const [kept] = await Array.fromAsync(new Sessions({ store: memory }).entries());
  expect(kept?.data).toEqual({ first: true, second: true });
});

describe('a handler that throws', () => {
  const failure = new Error('The handler failed.');

  function changeAndFail(session: Session): never {
    session.data.changed = true;
    throw failure;
  }

  test('node: saves nothing, whatever status its caller answers, and the error passes on', async () => {
    const { store, noted } = notedStore();
    const listener = withSession(new Sessions({ store }), {}, (_request, _response, session) => changeAndFail(session));
    const origin = await listening((request, response) => {
      listener(request, response).catch((error) => response.writeHead(400).end(error.message));
    });
    const response = await fetch(origin);
    expect([response.status, await response.text()]).toEqual([400, failure.message]);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(noted).toEqual([]);
  });

  test('fetch: saves nothing, and the error passes on', async () => {
    const { store, noted } = notedStore();
    const handler = withFetchSession(new Sessions({ store }), {}, (_request, session) => changeAndFail(session));
    await expect(handler(new Request('http://localhost/'))).rejects.toBe(failure);
    expect(noted).toEqual([]);
  });

  test('express: saves nothing, and the error goes to the error handlers', async () => {
    const { store, noted } = notedStore();
    const server = express();
    server.set('env', 'test');
    server.use(sessionMiddleware(new Sessions({ store })));
    server.get('/', (request) => changeAndFail(request.session as unknown as Session));
    const response = await fetch(await listening(server));
    expect([response.status, await response.text()]).toEqual([500, expect.stringContaining(failure.message)]);
    expect(noted).toEqual([]);
  });
});

test('fetch: a response whose headers cannot be changed is copied', async () => {
  const handler = withFetchSession(new Sessions({ store: new MemoryStore() }), {}, (_request, session) => {
    session.data.user = 'ada';
    return Response.redirect('http://localhost/home', 303);
  });
  const response = await handler(new Request('http://localhost/'));
  expect([response.status, response.headers.get('location')]).toEqual([303, 'http://localhost/home']);
  expect(response.headers.getSetCookie()).toHaveLength(1);
});

test('fetch: the body of a response that could not be committed is cancelled', async () => {
  const cancelled = Promise.withResolvers<void>();
  const store = interceptedStore(new MemoryStore(), () => {
    throw new Error('…');
  });
  const handler = withFetchSession(new Sessions({ store }), {}, (_request, session) => {
    session.data.user = 'ada';
    return new Response(new ReadableStream({ cancel: () => cancelled.resolve() }));
  });
  expect((await handler(new Request('http://localhost/'))).status).toBe(500);
  await cancelled.promise;
});

function errorOf(attempt: () => unknown): unknown {
  try {
    return attempt();
  } catch (error) {
    return error;
  }
}
