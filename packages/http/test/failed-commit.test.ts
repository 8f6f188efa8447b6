import {
  MemoryStore,
  SessionChangedError,
  SessionConflictError,
  SessionGoneError,
  Sessions,
  StoreError,
} from '@stet/core';
import { Gate, interceptedStore, listening, type Operation, Visitor } from '@stet/visitors';
import express from 'express';
import { describe, expect, test } from 'vitest';
import { sessionMiddleware } from '../src/bindings/express.ts';
import { withSession as withFetchSession } from '../src/bindings/fetch.ts';
import { withSession } from '../src/bindings/node.ts';
import { statusOf } from '../src/failure/error-status.ts';
import { type App, bindings } from './support/bindings.ts';
import { fetchListener } from './support/fetch-listener.ts';

/** A store whose backend fails one operation for as long as it is told to. */
function failingStore(store = new MemoryStore()) {
  const failing = new Map<Operation, unknown>();
  const intercepted = interceptedStore(store, (operation) => {
    if (failing.has(operation)) throw failing.get(operation);
  });
  return { store: intercepted, failing };
}

const unavailable = () => new StoreError('STORE_UNAVAILABLE', 'The disk is gone.');

const app: App = async (session, { pathname }) => {
  if (pathname === '/begin') session.data.user = 'ada';
  if (pathname === '/change') session.data.cart = 'full';
  if (pathname === '/move') {
    await session.regenerate();
    session.data.moved = true;
  }
  if (pathname === '/change') {
    return {
      status: 302,
      headers: { Location: '/', ETag: '"1"', 'Cache-Control': 'public, max-age=60', 'X-Frame-Options': 'DENY' },
      body: 'Saved!',
    };
  }
  return JSON.stringify(session.data);
};

describe.each(bindings)('%s', (_, bind) => {
  test('a store that cannot be read is an error, never a new visitor', async () => {
    const { store, failing } = failingStore();
    const visitor = new Visitor(await listening(bind(new Sessions({ store }), app)));
    await visitor.get('/begin');
    const { cookie } = visitor;
    failing.set('load', unavailable());
    expect(await visitor.get('/change')).toMatchObject({ status: 503, setCookie: [] });
    failing.clear();
    expect(visitor.cookie).toBe(cookie);
    expect(await visitor.json('/')).toEqual({ user: 'ada' });
  });

  test('a store that cannot be written is an error instead of what the handler answered', async () => {
    const { store, failing } = failingStore();
    const visitor = new Visitor(await listening(bind(new Sessions({ store }), app)));
    await visitor.get('/begin');
    failing.set('update', unavailable());
    const { status, headers, text } = await visitor.get('/change');
    expect(status).toBe(503);
    expect(text).not.toContain('Saved!');
    for (const name of ['location', 'etag', 'set-cookie']) expect(headers.get(name)).toBeNull();
    expect(headers.get('cache-control')).not.toBe('public, max-age=60');
    failing.clear();
    expect(await visitor.json('/')).toEqual({ user: 'ada' });
  });

  test('a visitor who could not be remembered gets no cookie', async () => {
    const { store, failing } = failingStore();
    failing.set('create', unavailable());
    const visitor = new Visitor(await listening(bind(new Sessions({ store }), app)));
    expect((await visitor.get('/begin')).status).toBe(503);
    expect(visitor.cookie).toBeUndefined();
  });

  test('a session that was moved before the failure keeps its visitor', async () => {
    const { store, failing } = failingStore();
    const visitor = new Visitor(await listening(bind(new Sessions({ store }), app)));
    await visitor.get('/begin');
    const before = visitor.cookie;
    const mover: App = async (session, url) => {
      const answer = await app(session, url);
      failing.set('update', unavailable());
      return answer;
    };
    const origin = await listening(bind(new Sessions({ store }), mover));
    const moving = new Visitor(origin, before);
    expect((await moving.get('/move')).status).toBe(503);
    failing.clear();
    expect(moving.cookie).not.toBe(before);
    expect(await new Visitor(origin, moving.cookie).json('/')).toEqual({ user: 'ada' });
  });

  test('data that cannot be kept is an error', async () => {
    const visitor = new Visitor(
      await listening(
        bind(new Sessions({ store: new MemoryStore() }), (session) => {
          session.data.big = 1n;
          return 'Saved!';
        }),
      ),
    );
    expect((await visitor.get('/')).status).toBe(500);
    expect(visitor.cookie).toBeUndefined();
  });

  test('data that is too large is an error', async () => {
    const sessions = new Sessions({ store: new MemoryStore(), maxDataBytes: 100 });
    const visitor = new Visitor(
      await listening(
        bind(sessions, (session) => {
          session.data.text = 'x'.repeat(100);
          return 'Saved!';
        }),
      ),
    );
    expect((await visitor.get('/')).status).toBe(500);
  });

  test('a session that changed hands meanwhile is a conflict', async () => {
    const gate = new Gate();
    const sessions = new Sessions({ store: new MemoryStore() });
    const visitor = new Visitor(
      await listening(
        bind(sessions, async (session, { pathname }) => {
          if (pathname === '/begin') session.data.cart = [];
          if (pathname === '/identify') session.subject = 'ada';
          if (pathname === '/slow') {
            await gate.pass();
            session.data.cart = ['book'];
          }
          return 'Saved!';
        }),
      ),
    );
    await visitor.get('/begin');
    const slow = visitor.twin().get('/slow');
    await gate.reached;
    await visitor.get('/identify');
    gate.open();
    expect(await slow).toMatchObject({ status: 409, setCookie: [] });
  });
});

describe('what the application makes of it', () => {
  test('express: the error handlers get the error itself, with its status and a response that is still theirs', async () => {
    const { store, failing } = failingStore();
    failing.set('create', unavailable());
    const server = express();
    server.use(sessionMiddleware(new Sessions<{ user: string }>({ store })));
    server.get('/', (request, response) => {
      Object.assign(request.session.data, { user: 'ada' });
      response.cookie('theme', 'dark').send('Saved!');
    });
    server.use(((error, _request, response, _next) => {
      response.json({ status: error.status, code: error.code, headersSent: response.headersSent });
    }) satisfies express.ErrorRequestHandler);
    const response = await fetch(await listening(server));
    expect(response.status).toBe(503);
    expect(response.headers.getSetCookie()).toEqual(['theme=dark; Path=/']);
    expect(await response.json()).toEqual({ status: 503, code: 'STORE_UNAVAILABLE', headersSent: false });
  });

  test('express: what is thrown that cannot carry a status comes with one', async () => {
    const { store, failing } = failingStore();
    failing.set('create', 'no error at all');
    const server = express();
    server.use(sessionMiddleware(new Sessions({ store })));
    server.get('/', (request, response) => {
      Object.assign(request.session.data, { user: 'ada' });
      response.send('Saved!');
    });
    server.use(((error, _request, response, _next) => {
      response.json([error.status, error.cause]);
    }) satisfies express.ErrorRequestHandler);
    const response = await fetch(await listening(server));
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual([500, 'no error at all']);
  });

  test('node: onError answers', async () => {
    const { store, failing } = failingStore();
    failing.set('create', unavailable());
    const listener = withSession(
      new Sessions({ store }),
      {
        onError: async (error, request, response) => {
          response.end(`${request.url}: ${(error as StoreError).code}`);
        },
      },
      (_request, response, session) => {
        session.data.user = 'ada';
        response.end('Saved!');
      },
    );
    const response = await fetch(`${await listening(listener)}/path`);
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('/path: STORE_UNAVAILABLE');
  });

  test('fetch: onError answers', async () => {
    const { store, failing } = failingStore();
    failing.set('create', unavailable());
    const handler = withFetchSession(
      new Sessions({ store }),
      { onError: (error, request) => new Response(new URL(request.url).pathname, { status: statusOf(error) + 1 }) },
      (_request, session) => {
        session.data.user = 'ada';
        return new Response('Saved!');
      },
    );
    const response = await fetch(`${await listening(fetchListener(handler))}/path`);
    expect(response.status).toBe(504);
    expect(await response.text()).toBe('/path');
  });
});

test.each([
  [new SessionGoneError('…'), 409],
  [new SessionConflictError('…'), 409],
  [new SessionChangedError('…'), 409],
  [new StoreError('STORE_UNAVAILABLE', '…'), 503],
  [new StoreError('STORE_TIMEOUT', '…'), 503],
  [new StoreError('STORE_AMBIGUOUS', '…'), 503],
  [new StoreError('STORE_TOO_LARGE', '…'), 500],
  [new StoreError('STORE_CORRUPT_RECORD', '…'), 500],
  [new TypeError('…'), 500],
  [undefined, 500],
])('the status of %o is %d', (error, status) => {
  expect(statusOf(error)).toBe(status);
});
