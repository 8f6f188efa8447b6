import type { ServerResponse } from 'node:http';
import { idOf, MemoryStore, Sessions, StoreError } from '@stet/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { StetStore, type StetStoreOptions } from '../src/fastify-session.ts';
import { openFastifySite } from './support/fastify-site.ts';
import { interceptedStore, type Operation } from './support/intercepted-store.ts';
import { Gate } from './support/meeting.ts';
import { stores } from './support/stores.ts';

type Keyed = FastifyRequest<{ Params: { key: string } }>;

/** What a small application does with its sessions. */
function routes(app: FastifyInstance): void {
  app.get('/put/:key', async ({ session, params: { key } }: Keyed) => {
    session[key] = true;
    return session.sessionId;
  });
  app.get('/drop/:key', async ({ session, params: { key } }: Keyed) => {
    delete session[key];
    return session.sessionId;
  });
  app.get('/log-in', async (request) => {
    const before = request.session.sessionId;
    await request.session.regenerate(['b']);
    request.session.user = 'ada';
    return [before, request.session.sessionId];
  });
  app.get('/log-out', async ({ session }) => {
    await session.destroy();
    return 'bye';
  });
  app.get('/save-twice', async ({ session }) => {
    session.step = 1;
    await session.save();
    session.step = 2;
    return session.sessionId;
  });
  app.get('/save-and-go', async ({ session }) => {
    session.step = 1;
    session.save(() => {});
    return session.sessionId;
  });
  app.get('/empty', async ({ session }) => {
    for (const key of Object.keys(session)) if (key !== 'cookie') delete session[key];
    return 'empty';
  });
  app.get('/remember', async ({ session }) => {
    session.options({ maxAge: 30 * 86_400_000 });
    session.remembered = true;
    return 'for thirty days';
  });
  app.get('/', async ({ session }) => keysOf(session));
}

function keysOf(session: object): string[] {
  return Object.keys(session).filter((key) => key !== 'cookie');
}

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
    expect(await two.get('/put/b')).toMatchObject({ status: 500, setCookie: [] });
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

describe('what the store is asked', () => {
  async function observed(options = {}, storeOptions: Partial<StetStoreOptions> = {}) {
    // The plugin has no other clock.
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const calls: Operation[] = [];
    const store = interceptedStore(new MemoryStore(), (operation) => calls.push(operation));
    const { visitor: enter } = await openFastifySite(new StetStore({ store, ...storeOptions }), routes, options);
    const visitor = enter();
    return {
      visitor,
      async asked(path: string): Promise<Operation[]> {
        calls.length = 0;
        await visitor.text(path);
        return [...calls];
      },
      pass: (ms: number) => void vi.setSystemTime(Date.now() + ms),
    };
  }

  test('a visitor without a session asks nothing', async () => {
    expect(await (await observed()).asked('/')).toEqual([]);
  });

  test.each([
    ['maxAge', { maxAge: 3_600_000 }],
    ['nothing', {}],
  ])('a request that only reads loads, and writes once a minute, where the cookie has %s', async (_, cookie) => {
    const { asked, pass } = await observed({ cookie });
    expect(await asked('/put/a')).toEqual(['create']);
    expect(await asked('/')).toEqual(['load']);
    pass(59_000);
    expect(await asked('/')).toEqual(['load']);
    pass(1_000);
    expect(await asked('/')).toEqual(['load', 'touch']);
    expect(await asked('/')).toEqual(['load']);
    expect(await asked('/put/b')).toEqual(['load', 'update']);
  });

  test('a login is one delete and two writes, a logout one delete', async () => {
    const { asked } = await observed();
    await asked('/put/a');
    expect(await asked('/log-in')).toEqual(['load', 'delete', 'create', 'update']);
    expect(await asked('/log-out')).toEqual(['load', 'delete']);
  });

  test.each([
    ['maxAge', { maxAge: 10_000 }, 10_000],
    ['nothing', {}, 5_000],
  ])('a session in use goes on, and ends when its cookie, with %s, says', async (_, cookie, lifeMs) => {
    const { visitor, pass } = await observed({ cookie }, { ttlMs: 5_000 });
    await visitor.get('/put/a');
    for (let use = 0; use < 3; use += 1) {
      pass(lifeMs * 0.8);
      expect(await visitor.json('/')).toEqual(['a']);
    }
    pass(lifeMs);
    expect(await visitor.json('/')).toEqual([]);
  });

  test('without rolling a session ends when it was last changed to', async () => {
    const { visitor, asked, pass } = await observed({ rolling: false, cookie: { maxAge: 10_000 } });
    await visitor.get('/put/a');
    pass(8_000);
    expect(await asked('/')).toEqual(['load']);
    await visitor.get('/put/b');
    pass(8_000);
    expect(await visitor.json('/')).toEqual(['a', 'b']);
    pass(2_000);
    expect(await visitor.json('/')).toEqual([]);
  });

  test('a session ends when expires says, however it is used', async () => {
    const { visitor, asked, pass } = await observed({ cookie: { expires: new Date(Date.now() + 100_000) } });
    await visitor.get('/put/a');
    pass(90_000);
    expect(await asked('/')).toEqual(['load']);
    await visitor.get('/put/b');
    pass(11_000);
    expect(await visitor.json('/')).toEqual([]);
  });

  test('a session whose cookie is given a longer life has it', async () => {
    const { visitor, pass } = await observed({ cookie: { maxAge: 10_000 } });
    await visitor.get('/put/a');
    await visitor.get('/remember');
    pass(29 * 86_400_000);
    expect(await visitor.json('/')).toEqual(['a', 'remembered']);
    pass(29 * 86_400_000);
    expect(await visitor.json('/')).toEqual(['a', 'remembered']);
  });

  test('a sid that names no session is not adopted', async () => {
    const { visitor, asked } = await observed();
    await visitor.get('/put/a');
    const late = visitor.twin();
    await visitor.get('/log-out');
    const { cookie } = late;
    expect(await asked('/put/b')).toEqual(['load', 'create']);
    await late.get('/put/b');
    expect(late.cookie).not.toBe(cookie);
  });
});

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
  expect(await enter().get('/')).toMatchObject({ status: 500, setCookie: [] });
});
