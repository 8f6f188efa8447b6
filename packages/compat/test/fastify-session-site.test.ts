import type { ServerResponse } from 'node:http';
import { idOf, MemoryStore, Sessions } from '@stet/core';
import { Gate, interceptedStore } from '@stet/visitors';
import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { StetStore } from '../src/fastify-session.ts';
import { keysOf, openFastifySite, routes } from './support/fastify-site.ts';
import { stores } from './support/stores.ts';

describe.each([
  ...stores,
  [
    'a slow store',
    async () => interceptedStore(new MemoryStore(), () => new Promise((go) => setTimeout(go, 5))),
  ] as const,
])('over %s', (_, open) => {
  test('a visit: begin, change, log in, log out', async () => {
    const store = await open();
    const { visitor: enter, errors } = await openFastifySite(new StetStore({ store }), routes);
    const visitor = enter();
    expect(await visitor.json('/')).toEqual([]);
    expect(await Array.fromAsync(store.entries())).toEqual([]);
    await visitor.get('/put/a');
    await visitor.get('/put/b');
    await visitor.get('/drop/a');
    await visitor.get('/save-twice');
    expect(await visitor.json('/')).toEqual(['b', 'step']);
    const old = visitor.twin();
    const [before, after] = (await visitor.json('/log-in')) as [string, string];
    expect(after).not.toBe(before);
    expect(await Array.fromAsync(store.entries(), ([id]) => id)).toEqual([idOf(after)]);
    expect(await old.json('/')).toEqual([]);
    expect(await visitor.json('/')).toEqual(['b', 'user']);
    const gone = visitor.twin();
    await visitor.get('/log-out');
    expect(await gone.json('/')).toEqual([]);
    expect(await Array.fromAsync(store.entries())).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('the session is in the store before the response to a redirect leaves', async () => {
    const gate = new Gate();
    const store = interceptedStore(await open(), (operation) => operation === 'create' && gate.pass());
    let redirect: ServerResponse | undefined;
    const { visitor: enter } = await openFastifySite(new StetStore({ store }), (app) => {
      app.get('/from', async ({ session }, reply) => {
        redirect = reply.raw;
        session.moved = true;
        return reply.redirect('/to');
      });
      app.get('/to', async ({ session }) => session.moved ?? null);
    });
    const visitor = enter();
    const redirected = visitor.get('/from');
    await gate.reached;
    // A whole request later it would have left, if it were to leave before the save.
    await enter().get('/to');
    expect(redirect?.headersSent).toBe(false);
    gate.open();
    await redirected;
    expect(await visitor.json('/to')).toBe(true);
  });
});

describe('a session', () => {
  test('shows the application nothing but what it keeps', async () => {
    const { visitor: enter } = await openFastifySite(new StetStore({ store: new MemoryStore() }), (app) => {
      app.get('/put', async ({ session }) => {
        session.cart = ['book'];
        return null;
      });
      app.get('/', async ({ session }) => [{ ...session }, Object.keys(session.cookie), session.cookie.path]);
    });
    const visitor = enter();
    await visitor.get('/put');
    const [values, ofCookie, path] = (await visitor.json('/')) as [object, string[], string];
    expect(Object.keys(values)).toEqual(['cookie', 'cart']);
    expect(ofCookie).not.toContain('cart');
    expect(path).toBe('/');
  });

  test('whose keys are all deleted is empty, and is the same one', async () => {
    const { visitor: enter, errors } = await openFastifySite(new StetStore({ store: new MemoryStore() }), routes);
    const visitor = enter();
    const sid = await visitor.text('/put/a');
    await visitor.get('/empty');
    expect(await visitor.json('/')).toEqual([]);
    expect(await visitor.text('/put/b')).toBe(sid);
    expect(errors).toEqual([]);
  });

  test('whose save nobody waits for is saved once more with the response', async () => {
    const { visitor: enter, errors } = await openFastifySite(new StetStore({ store: new MemoryStore() }), routes);
    const visitor = enter();
    expect((await visitor.get('/save-and-go')).status).toBe(200);
    expect(await visitor.json('/')).toEqual(['step']);
    expect(errors).toEqual([]);
  });

  test('is kept under whatever idGenerator makes', async () => {
    let count = 0;
    const idGenerator = () => `../ "naïve"; ☃/\0${++count}${'x'.repeat(400)}`;
    const store = new MemoryStore();
    const { visitor: enter } = await openFastifySite(new StetStore({ store }), routes, { idGenerator });
    const visitor = enter();
    await visitor.get('/put/a');
    expect(await visitor.json('/')).toEqual(['a']);
    expect(await visitor.json('/log-in')).toHaveLength(2);
    expect(await visitor.json('/')).toContain('user');
  });

  test('that idGenerator gives the id of another visitor’s is refused', async () => {
    const { visitor: enter } = await openFastifySite(new StetStore({ store: new MemoryStore() }), routes, {
      idGenerator: () => 'same',
    });
    const [one, two] = [enter(), enter()];
    await one.get('/put/a');
    expect(await two.get('/put/b')).toMatchObject({ status: 409, setCookie: [] });
    expect(await one.json('/')).toEqual(['a']);
  });

  test('whose data has a key __proto__ keeps its methods', async () => {
    const store = new MemoryStore();
    const { visitor: enter } = await openFastifySite(new StetStore({ store }), routes);
    const visitor = enter();
    const sid = await visitor.text('/put/a');
    await new Sessions({ store }).transact(idOf(sid), (job) => {
      Object.defineProperty(job.data, '__proto__', { value: { admin: true }, enumerable: true });
    });
    expect(await visitor.json('/')).toEqual(['a']);
    expect(await visitor.text('/save-twice')).toBe(sid);
  });

  test('that is reloaded is as it is stored, and saves what is changed from then on', async () => {
    const store = new MemoryStore();
    const { visitor: enter } = await openFastifySite(new StetStore({ store }), (app) => {
      routes(app);
      app.get('/reload', async (request) => {
        request.session.forgotten = true;
        await new Sessions({ store }).transact(idOf(request.session.sessionId), (job) => {
          job.data.byJob = true;
        });
        await request.session.reload();
        delete request.session.byJob;
        return keysOf(request.session);
      });
    });
    const visitor = enter();
    await visitor.get('/put/a');
    expect(await visitor.json('/reload')).toEqual(['a']);
    expect(await visitor.json('/')).toEqual(['a']);
  });

  test('that is reloaded after its end creates nothing, and its request is told', async () => {
    const store = new MemoryStore();
    const { visitor: enter } = await openFastifySite(new StetStore({ store }), (app) => {
      routes(app);
      app.get('/reload', async (request) => {
        await store.delete(idOf(request.session.sessionId));
        await request.session.reload();
        return keysOf(request.session);
      });
    });
    const visitor = enter();
    await visitor.get('/put/a');
    expect(await visitor.get('/reload')).toMatchObject({ status: 500, setCookie: [] });
    expect(await Array.fromAsync(store.entries())).toEqual([]);
  });

  test('that is opened by decryptSession is saved by compare-and-set, too', async () => {
    const store = new StetStore({ store: new MemoryStore() });
    const { app, visitor: enter } = await openFastifySite(store, (app) => {
      routes(app);
      app.get('/signed', async ({ session }) => session.encryptedSessionId);
    });
    const visitor = enter();
    await visitor.get('/put/a');
    const signed = await visitor.text('/signed');
    const socket = {} as FastifyRequest;
    await new Promise((resolve) => app.decryptSession(signed, socket, resolve));
    await visitor.get('/put/b');
    socket.session.fromSocket = true;
    await socket.session.save();
    expect(await visitor.json('/')).toEqual(['a', 'b', 'fromSocket']);
  });
});
