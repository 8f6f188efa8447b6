import type { ServerResponse } from 'node:http';
import { idOf, MemoryStore, Sessions, StoreError } from '@stet/core';
import type { Context } from 'koa';
import type { CreateSessionOptions } from 'koa-session';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { StetStore } from '../src/koa-session.ts';
import { interceptedStore, type Operation } from './support/intercepted-store.ts';
import { type KoaRoutes, openKoaSite } from './support/koa-site.ts';
import { Gate } from './support/meeting.ts';
import { stores } from './support/stores.ts';

/** What a small application does with its sessions. */
const routes: KoaRoutes = {
  put: ({ session }: Context, key) => {
    session[key] = true;
    return session.externalKey;
  },
  drop: ({ session }, key) => {
    delete session[key];
    return session.externalKey;
  },
  'log-in': async ({ session }) => {
    await session.regenerate();
    session.user = 'ada';
  },
  'log-out': (ctx) => {
    ctx.session = null;
  },
  'save-twice': async ({ session }) => {
    session.step = 1;
    await session.save();
    session.step = 2;
  },
  replace: (ctx, key) => {
    ctx.session = { [key]: true };
  },
  remember: ({ session }) => {
    session.maxAge = 30 * 86_400_000;
  },
  '': ({ session }) => Object.keys(session.toJSON()),
};

const site = (options: CreateSessionOptions, more: KoaRoutes = {}) => openKoaSite(options, { ...routes, ...more });

describe.each([
  ...stores,
  [
    'a slow store',
    async () => interceptedStore(new MemoryStore(), () => new Promise((go) => setTimeout(go, 5))),
  ] as const,
])('over %s', (_, open) => {
  test('a visit: begin, change, log in, log out', async () => {
    const store = await open();
    const { visitor: enter, errors } = await site({ store: new StetStore({ store }) });
    const visitor = enter();
    expect(await visitor.json('/')).toEqual([]);
    expect(await Array.fromAsync(store.entries())).toEqual([]);
    await visitor.get('/put/a');
    await visitor.get('/put/b');
    await visitor.get('/drop/a');
    await visitor.get('/save-twice');
    expect(await visitor.json('/')).toEqual(['b', 'step']);
    const old = visitor.twin();
    await visitor.get('/log-in');
    expect(visitor.cookie).not.toBe(old.cookie);
    expect(await Array.fromAsync(store.entries())).toHaveLength(1);
    expect(await old.json('/')).toEqual([]);
    expect(await visitor.json('/')).toEqual(['b', 'step', 'user']);
    await visitor.get('/replace/only');
    expect(await visitor.json('/')).toEqual(['only']);
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
    const { visitor: enter } = await site(
      { store: new StetStore({ store }) },
      {
        from: (ctx) => {
          redirect = ctx.res;
          ctx.session.moved = true;
          ctx.redirect('/to');
        },
        to: ({ session }) => session.moved ?? null,
      },
    );
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
  test('is kept under whatever genid makes', async () => {
    let count = 0;
    const genid = () => `../naive/~'${++count}${'x'.repeat(400)}`;
    const { visitor: enter } = await site({ store: new StetStore({ store: new MemoryStore() }), genid });
    const visitor = enter();
    await visitor.get('/put/a');
    await visitor.get('/log-in');
    expect(await visitor.json('/')).toEqual(['a', 'user']);
    expect(count).toBeGreaterThan(1);
  });

  test('is kept under a key that is no cookie', async () => {
    const store = new MemoryStore();
    const externalKey = { get: ({ query }: Context) => String(query.key), set: () => {} };
    const genid = ({ query }: Context) => String(query.key);
    const { visitor: enter } = await site({ store: new StetStore({ store }), externalKey, genid });
    const visitor = enter();
    await visitor.get('/put/a?key=☃/../x');
    await visitor.get('/put/b?key=☃/../x');
    expect(await visitor.json('/?key=☃/../x')).toEqual(['a', 'b']);
    expect(await Array.fromAsync(store.entries(), ([id]) => id)).toEqual([idOf('☃/../x')]);
  });

  test('whose data has a key __proto__ keeps its methods', async () => {
    const store = new MemoryStore();
    const { visitor: enter } = await site({ store: new StetStore({ store }) });
    const visitor = enter();
    const key = (await visitor.json('/put/a')) as string;
    await new Sessions({ store }).transact(idOf(key), (job) => {
      Object.defineProperty(job.data, '__proto__', { value: { admin: true }, enumerable: true });
    });
    expect(await visitor.json('/')).toEqual(['a']);
    expect((await visitor.get('/save-twice')).status).toBe(200);
  });

  test('is saved by hand where autoCommit is off', async () => {
    const { visitor: enter } = await site(
      { store: new StetStore({ store: new MemoryStore() }), autoCommit: false },
      {
        commit: async ({ session }, key) => {
          session[key] = true;
          await session.manuallyCommit();
        },
      },
    );
    const visitor = enter();
    await visitor.get('/commit/a');
    await visitor.get('/put/b');
    expect(await visitor.json('/')).toEqual(['a']);
  });

  test('is found through a ContextStore, too', async () => {
    const store = new StetStore({ store: new MemoryStore() });
    class ContextStore {
      readonly get = store.get.bind(store);
      readonly set = store.set.bind(store);
      readonly destroy = store.destroy.bind(store);
    }
    // koa-session asks the prototype for the methods.
    Object.assign(ContextStore.prototype, { get: store.get, set: store.set, destroy: store.destroy });
    const { visitor: enter } = await site({ ContextStore });
    const visitor = enter();
    await visitor.get('/put/a');
    await visitor.get('/put/b');
    expect(await visitor.json('/')).toEqual(['a', 'b']);
  });

  test('that valid refuses is left as it is, and another begins', async () => {
    const store = new MemoryStore();
    const valid = ({ query }: Context) => !('strange' in query);
    const { visitor: enter } = await site({ store: new StetStore({ store }), valid });
    const visitor = enter();
    await visitor.get('/put/a');
    const old = visitor.twin();
    await visitor.get('/put/b?strange');
    expect(await old.json('/')).toEqual(['a']);
    expect(await visitor.json('/')).toEqual(['b']);
  });
});

describe('what the store is asked', () => {
  async function observed(options: CreateSessionOptions = {}, ttlMs = 5_000) {
    // koa-session has no other clock.
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const calls: Operation[] = [];
    const store = interceptedStore(new MemoryStore(), (operation) => calls.push(operation));
    const { app, visitor: enter } = await site({ store: new StetStore({ store, ttlMs }), ...options });
    const events: string[] = [];
    for (const event of ['missed', 'invalid', 'expired']) app.on(`session:${event}`, () => events.push(event));
    const visitor = enter();
    return {
      visitor,
      events,
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

  test.each([{}, { renew: true }])('a request that only reads loads and no more, with %o', async (options) => {
    const { asked, pass } = await observed(options);
    expect(await asked('/put/a')).toEqual(['create']);
    pass(3_600_000);
    expect(await asked('/')).toEqual(['load']);
    expect(await asked('/put/b')).toEqual(['load', 'update']);
  });

  test('a request that only reads writes once a minute with rolling', async () => {
    const { asked, pass } = await observed({ rolling: true });
    expect(await asked('/put/a')).toEqual(['create']);
    expect(await asked('/')).toEqual(['load']);
    pass(59_000);
    expect(await asked('/')).toEqual(['load']);
    pass(1_000);
    expect(await asked('/')).toEqual(['load', 'touch']);
    expect(await asked('/')).toEqual(['load']);
  });

  test('a session in its second half is extended with renew', async () => {
    const { asked, visitor, pass } = await observed({ renew: true, maxAge: 20_000 });
    await visitor.get('/put/a');
    pass(11_000);
    expect(await asked('/')).toEqual(['load', 'touch']);
    pass(19_000);
    expect(await visitor.json('/')).toEqual(['a']);
  });

  test('a login is one delete and two writes, a logout one delete', async () => {
    const { asked } = await observed();
    await asked('/put/a');
    expect(await asked('/log-in')).toEqual(['load', 'delete', 'create', 'update']);
    expect(await asked('/log-out')).toEqual(['load', 'delete']);
  });

  test('the end of a session is noticed by koa-session, and ten seconds later there is none', async () => {
    const { visitor, events, pass } = await observed({ maxAge: 20_000 });
    await visitor.get('/put/a');
    const late = visitor.twin();
    pass(20_001);
    expect(await visitor.json('/')).toEqual([]);
    await vi.waitFor(() => expect(events).toEqual(['expired']));
    pass(10_000);
    expect(await late.json('/')).toEqual([]);
    await vi.waitFor(() => expect(events).toEqual(['expired', 'missed']));
  });

  test('a session whose cookie ends with the browser lives ttlMs, from its last use with rolling', async () => {
    const { visitor, pass } = await observed({ maxAge: 'session', rolling: true });
    await visitor.get('/put/a');
    for (let use = 0; use < 3; use += 1) {
      pass(4_000);
      expect(await visitor.json('/')).toEqual(['a']);
    }
    pass(5_000);
    expect(await visitor.json('/')).toEqual([]);
  });

  test('a session that is given a longer life has it', async () => {
    const { visitor, pass } = await observed({ maxAge: 20_000 });
    await visitor.get('/put/a');
    await visitor.get('/remember');
    pass(29 * 86_400_000);
    await visitor.get('/put/b');
    pass(29 * 86_400_000);
    expect(await visitor.json('/')).toEqual(['a', 'b']);
  });

  test('a key that names no session is not adopted', async () => {
    const { visitor, asked } = await observed();
    await visitor.get('/put/a');
    const late = visitor.twin();
    await visitor.get('/log-out');
    const { cookie } = late;
    await late.get('/put/b');
    expect(late.cookie).not.toBe(cookie);
    expect(await asked('/put/b')).toContain('create');
  });
});

test('while the store is down every request is an error, and the visitor keeps the cookie and the session', async () => {
  let failure: unknown;
  const store = interceptedStore(new MemoryStore(), () => failure && Promise.reject(failure));
  const { visitor: enter, errors } = await site({ store: new StetStore({ store }) });
  const visitor = enter();
  await visitor.get('/put/a');
  const { cookie } = visitor;
  failure = new StoreError('STORE_UNAVAILABLE', 'No.');
  for (const path of ['/', '/put/b', '/log-out']) {
    expect(await visitor.get(path)).toEqual({ status: 500, text: 'STORE_UNAVAILABLE', setCookie: [] });
  }
  expect(errors).toEqual([failure, failure, failure]);
  failure = undefined;
  expect(visitor.cookie).toBe(cookie);
  expect(await visitor.json('/')).toEqual(['a']);
});

test('a save that fails is an error to the request', async () => {
  let isDown = false;
  const outage = new StoreError('STORE_UNAVAILABLE', 'No.');
  const store = interceptedStore(new MemoryStore(), () => isDown && Promise.reject(outage));
  const { visitor: enter } = await site(
    { store: new StetStore({ store }) },
    {
      change: ({ session }) => {
        session.n = 1;
        isDown = true;
      },
    },
  );
  expect(await enter().get('/change')).toEqual({ status: 500, text: 'STORE_UNAVAILABLE', setCookie: [] });
});
