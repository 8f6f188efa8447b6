import type { ServerResponse } from 'node:http';
import { idOf, MemoryStore, Sessions } from '@stet/core';
import { Gate, interceptedStore } from '@stet/visitors';
import type { Context } from 'koa';
import { describe, expect, test } from 'vitest';
import { StetStore } from '../src/koa-session.ts';
import { openKoaSite } from './support/koa-site.ts';
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
    const { visitor: enter, errors } = await openKoaSite({ store: new StetStore({ store }) });
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
    const { visitor: enter } = await openKoaSite(
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
    const { visitor: enter } = await openKoaSite({ store: new StetStore({ store: new MemoryStore() }), genid });
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
    const { visitor: enter } = await openKoaSite({ store: new StetStore({ store }), externalKey, genid });
    const visitor = enter();
    await visitor.get('/put/a?key=☃/../x');
    await visitor.get('/put/b?key=☃/../x');
    expect(await visitor.json('/?key=☃/../x')).toEqual(['a', 'b']);
    expect(await Array.fromAsync(store.entries(), ([id]) => id)).toEqual([idOf('☃/../x')]);
  });

  test('whose data has a key __proto__ keeps its methods', async () => {
    const store = new MemoryStore();
    const { visitor: enter } = await openKoaSite({ store: new StetStore({ store }) });
    const visitor = enter();
    const key = (await visitor.json('/put/a')) as string;
    await new Sessions({ store }).transact(idOf(key), (job) => {
      Object.defineProperty(job.data, '__proto__', { value: { admin: true }, enumerable: true });
    });
    expect(await visitor.json('/')).toEqual(['a']);
    expect((await visitor.get('/save-twice')).status).toBe(200);
  });

  test('is saved by hand where autoCommit is off', async () => {
    const { visitor: enter } = await openKoaSite(
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
    const { visitor: enter } = await openKoaSite({ ContextStore });
    const visitor = enter();
    await visitor.get('/put/a');
    await visitor.get('/put/b');
    expect(await visitor.json('/')).toEqual(['a', 'b']);
  });

  test('that valid refuses is left as it is, and another begins', async () => {
    const store = new MemoryStore();
    const valid = ({ query }: Context) => !('strange' in query);
    const { visitor: enter } = await openKoaSite({ store: new StetStore({ store }), valid });
    const visitor = enter();
    await visitor.get('/put/a');
    const old = visitor.twin();
    await visitor.get('/put/b?strange');
    expect(await old.json('/')).toEqual(['a']);
    expect(await visitor.json('/')).toEqual(['b']);
  });
});
