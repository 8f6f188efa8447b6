import { setTimeout as sleep } from 'node:timers/promises';
import { type SessionEnv, useSession, useSessionStorage } from '@hono/session';
import { MemoryStore, StoreError } from '@stet/core';
import { Gate, interceptedStore, Meeting, type Visitor } from '@stet/visitors';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { describe, expect, test } from 'vitest';
import { useStetSessionStorage } from '../src/hono.ts';
import { fetchSite } from './support/fetch-site.ts';
import { keysKeptAt } from './support/keys-kept.ts';
import { redisStore } from './support/stores.ts';

/** The storage that the documentation of the host shows, in memory. */
function mapStorage(): MiddlewareHandler {
  const sessions = new Map<string, Record<string, unknown>>();
  return useSessionStorage({
    get: (sid) => sessions.get(sid) ?? null,
    set: (sid, value: Record<string, unknown>) => void sessions.set(sid, value),
    delete: (sid) => void sessions.delete(sid),
  });
}

/**
 * A site whose every request updates its session, or ends it, or only looks at it; `/set` waits with its session
 * updated.
 */
function openSite(storage: MiddlewareHandler, waits: () => Promise<void> = async () => {}): Promise<Visitor> {
  const app = new Hono<SessionEnv>();
  const update = (c: Context<SessionEnv>, key: string) =>
    c.var.session.update((values) => ({ ...values, [key]: 'kept' }));
  app.onError((error, c) => c.text((error as { code?: string }).code ?? String(error), 500));
  app.use(storage, useSession({ secret: 'a secret of at least 32 characters' }));
  app.get('/', async (c) => c.json(await c.var.session.get()));
  app.get('/begin', async (c) => {
    await update(c, 'begun');
    return c.redirect('/');
  });
  app.get('/set/:key', async (c) => {
    await update(c, c.req.param('key'));
    await waits();
    return c.redirect('/');
  });
  app.get('/logout', async (c) => {
    await c.var.session.get();
    c.var.session.delete();
    return c.redirect('/');
  });
  return fetchSite((request) => app.fetch(request));
}

async function keysKept(storage: MiddlewareHandler, requests: number): Promise<number> {
  const meeting = new Meeting(requests);
  const { origin } = await openSite(storage, () => meeting.join());
  return keysKeptAt(requests, origin);
}

describe('50 requests that overlap, each with its own key, keep', () => {
  test('50 keys over Redis', async () => {
    expect(await keysKept(useStetSessionStorage({ store: await redisStore() }), 50)).toBe(50);
  });

  test('1 key with a storage in a Map', async () => {
    expect(await keysKept(mapStorage(), 50)).toBe(1);
  });
});

/** What a visitor finds after a logout, during which a request of theirs was under way, and what became of that. */
async function afterLogout(storage: MiddlewareHandler) {
  const gate = new Gate();
  const visitor = await openSite(storage, () => gate.pass());
  await visitor.get('/begin');
  const other = visitor.twin();
  const late = visitor.twin().get('/set/late');
  await gate.reached;
  await visitor.get('/logout');
  gate.open();
  return { status: (await late).status, data: await other.json('/') };
}

describe('a request that saves after a logout', () => {
  test('is told, and creates nothing', async () => {
    const store = await redisStore();
    expect(await afterLogout(useStetSessionStorage({ store }))).toEqual({ status: 500, data: null });
    expect(await Array.fromAsync(store.entries())).toEqual([]);
  });

  test('undoes it with a storage in a Map', async () => {
    const data = { begun: 'kept', late: 'kept' };
    expect(await afterLogout(mapStorage())).toEqual({ status: 302, data });
  });
});

describe('a redirect', () => {
  test('leaves when its session is stored', async () => {
    const gate = new Gate();
    const store = interceptedStore(new MemoryStore(), (operation) => operation === 'create' && gate.pass());
    const visitor = await openSite(useStetSessionStorage({ store }));
    let isAnswered = false;
    const redirected = visitor.get('/begin').finally(() => {
      isAnswered = true;
    });
    await gate.reached;
    await visitor.twin().get('/');
    expect(isAnswered).toBe(false);
    gate.open();
    expect((await redirected).status).toBe(302);
    expect(await visitor.json('/')).toEqual({ begun: 'kept' });
  });

  test('overtakes a storage that has to be waited for, where nobody waits', async () => {
    const gate = new Gate();
    const sessions = new Map<string, Record<string, unknown>>();
    const visitor = await openSite(
      useSessionStorage({
        get: (sid) => sessions.get(sid) ?? null,
        set: async (sid, value: Record<string, unknown>) => {
          await gate.pass();
          sessions.set(sid, value);
        },
        delete: (sid) => void sessions.delete(sid),
      }),
    );
    expect((await visitor.get('/begin')).status).toBe(302);
    expect(await visitor.json('/')).toBeNull();
    gate.open();
  });
});

test('a store that takes its time loses nothing', async () => {
  const store = interceptedStore(new MemoryStore(), () => sleep(Math.random() * 5));
  expect(await keysKept(useStetSessionStorage({ store }), 10)).toBe(10);
});

test.each([
  ['load', '/'],
  ['update', '/set/a'],
  ['delete', '/logout'],
])('a store that fails to %s is an error of the site', async (failing, path) => {
  let fails = false;
  const store = interceptedStore(new MemoryStore(), (operation) => {
    if (fails && operation === failing) throw new StoreError('STORE_UNAVAILABLE', 'The disk is gone.');
  });
  const visitor = await openSite(useStetSessionStorage({ store }));
  await visitor.get('/begin');
  const before = visitor.cookie;
  fails = true;
  const { status, text } = await visitor.get(path);
  expect([status, text, visitor.cookie]).toEqual([500, 'STORE_UNAVAILABLE', before]);
  fails = false;
  expect(await visitor.json('/')).toEqual({ begun: 'kept' });
});
