import { idOf, MemoryStore, StoreError } from '@stet/core';
import { interceptedStore } from '@stet/visitors';
import { expect, test } from 'vitest';
import { StetStore } from '../src/fastify-session.ts';
import { openFastifySite, routes } from './support/fastify-site.ts';

test('while the store is down every request is an error, and the visitor keeps the cookie and the session', async () => {
  let failure: unknown;
  const store = interceptedStore(new MemoryStore(), () => failure && Promise.reject(failure));
  const { visitor: enter } = await openFastifySite(new StetStore({ store }), (app) => {
    routes(app);
    app.get('/reload-anyway', async (request) => {
      failure = new StoreError('STORE_UNAVAILABLE', 'No.');
      await request.session.reload().catch(() => {});
      failure = undefined;
      return 'reloaded?';
    });
    app.get('/reload-and-change', async (request) => {
      failure = new StoreError('STORE_UNAVAILABLE', 'No.');
      await request.session.reload().catch(() => {});
      failure = undefined;
      request.session.b = true;
      return 'reloaded?';
    });
  });
  const visitor = enter();
  await visitor.get('/put/a');
  const { cookie } = visitor;
  for (failure of [Object.assign(new Error('no such file'), { code: 'ENOENT' }), 'down']) {
    expect(await visitor.get('/')).toMatchObject({ status: 500, text: 'STORE_UNAVAILABLE', setCookie: [] });
  }
  failure = undefined;
  for (const path of ['/reload-anyway', '/reload-and-change']) {
    expect(await visitor.get(path)).toMatchObject({ status: 500, setCookie: [] });
  }
  expect(visitor.cookie).toBe(cookie);
  expect(await visitor.json('/')).toEqual(['a']);
});

test('a request whose save fails may answer itself, once it has let go of its session', async () => {
  const store = new MemoryStore();
  const { visitor: enter } = await openFastifySite(new StetStore({ store }), (app) => {
    routes(app);
    app.get('/late', async ({ session }, reply) => {
      await store.delete(idOf(session.sessionId));
      session.late = true;
      try {
        await session.save();
      } catch (error) {
        await session.destroy();
        return reply.code(409).send((error as { code: string }).code);
      }
    });
  });
  const visitor = enter();
  await visitor.get('/put/a');
  expect(await visitor.get('/late')).toMatchObject({ status: 409, text: 'SESSION_GONE' });
});

test('a save that fails is an error to the request', async () => {
  let isDown = false;
  const outage = new StoreError('STORE_UNAVAILABLE', 'No.');
  const store = interceptedStore(new MemoryStore(), () => isDown && Promise.reject(outage));
  const { visitor: enter } = await openFastifySite(new StetStore({ store }), (app) => {
    app.get('/', async ({ session }) => {
      session.n = 1;
      isDown = true;
      return 'done';
    });
  });
  expect(await enter().get('/')).toMatchObject({ status: 503, setCookie: [] });
});
