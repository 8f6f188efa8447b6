import { MemoryStore, Sessions, StoreError } from '@stet/core';
import { Gate, interceptedStore, listening, Visitor } from '@stet/visitors';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { sessionPlugin } from '../src/bindings/fastify.ts';
import { type App, bindings } from './support/bindings.ts';

/** What calls a handler and gets its error: there nobody but the application answers. */
const frameworks = bindings.filter(([name]) => !['node', 'fetch', 'hono'].includes(name));

describe.each(frameworks)('%s', (_, bind) => {
  test.each([
    ['save', 503],
    ['regenerate', 503],
    ['destroy', 503],
  ] as const)('a %s that fails in the handler answers %d', async (method, status) => {
    let isDown = false;
    const store = interceptedStore(new MemoryStore(), (operation) => {
      if (isDown && operation !== 'load') throw new StoreError('STORE_UNAVAILABLE', 'secret-host refused');
    });
    const app: App = async (session, { pathname }) => {
      session.data.path = pathname;
      if (pathname !== '/begin') await session[method]();
      return 'done';
    };
    const visitor = new Visitor(await listening(bind(new Sessions({ store }), app)));
    await visitor.get('/begin');
    isDown = true;
    const answer = await visitor.get('/fail');
    expect(answer.status).toBe(status);
  });

  test('of a login that was clicked twice one succeeds, and the other one is a conflict', async () => {
    const gate = new Gate();
    let logins = 0;
    const app: App = async (session, { pathname }) => {
      if (pathname === '/begin') session.data.cart = 'full';
      else {
        logins += 1;
        if (logins === 2) gate.open();
        await gate.pass();
        session.subject = 'ada';
        await session.regenerate();
      }
      return 'done';
    };
    const visitor = new Visitor(await listening(bind(new Sessions({ store: new MemoryStore() }), app)));
    await visitor.get('/begin');
    const answers = await Promise.all([visitor.twin().get('/login'), visitor.twin().get('/login')]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  });
});

describe('fastify', () => {
  async function failing(prepare: (app: ReturnType<typeof fastify>) => void) {
    const store = interceptedStore(new MemoryStore(), (operation) => {
      if (operation === 'create') throw new StoreError('STORE_UNAVAILABLE', 'secret-host refused');
    });
    const app = fastify();
    app.register(sessionPlugin(new Sessions({ store })));
    prepare(app);
    app.get('/handler', async (request) => {
      Object.assign(request.session.data, { visited: true });
      await request.session.save();
    });
    app.get('/commit', async (request) => {
      Object.assign(request.session.data, { visited: true });
      return 'done';
    });
    return app;
  }

  test.each(['/handler', '/commit'])('the body of an error says no more than the status: %s', async (url) => {
    const response = await (await failing(() => {})).inject({ url });
    expect(response.statusCode).toBe(503);
    expect(response.json()).toEqual({
      statusCode: 503,
      error: 'Service Unavailable',
      message: 'Service Unavailable',
    });
    expect(response.headers['content-length']).toBe(String(response.body.length));
  });

  test.each(['/handler', '/commit'])("an error handler's own answer stays as it is: %s", async (url) => {
    const app = await failing((server) => {
      server.setErrorHandler((error: unknown, _request: FastifyRequest, reply: FastifyReply) =>
        reply.code(418).send({ code: (error as StoreError).code }),
      );
    });
    const response = await app.inject({ url });
    expect([response.statusCode, response.json()]).toEqual([418, { code: 'STORE_UNAVAILABLE' }]);
  });
});
