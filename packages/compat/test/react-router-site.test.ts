import { setTimeout as sleep } from 'node:timers/promises';
import { MemoryStore, StoreError } from '@stet/core';
import { Gate, interceptedStore, Meeting, type Visitor } from '@stet/visitors';
import { createMemorySessionStorage, redirect, type Session, type SessionStorage } from 'react-router';
import { describe, expect, test } from 'vitest';
import { createStetSessionStorage } from '../src/react-router.ts';
import { fetchSite } from './support/fetch-site.ts';
import { keysKeptAt } from './support/keys-kept.ts';
import { redisStore } from './support/stores.ts';

const cookie = { secrets: ['s'] };

/**
 * A site whose every request commits its session, or ends it, or only looks at it; `/set` waits with its session in
 * hand.
 */
function openSite(
  { getSession, commitSession, destroySession }: SessionStorage,
  waits: (session: Session) => Promise<void>,
): Promise<Visitor> {
  return fetchSite(async (request) => {
    const [, action, key = 'begun'] = new URL(request.url).pathname.split('/');
    const session = await getSession(request.headers.get('Cookie'));
    if (action === '') return Response.json(session.data);
    if (action === 'logout') return redirect('/', { headers: { 'Set-Cookie': await destroySession(session) } });
    if (action === 'set') await waits(session);
    session.set(key, 'kept');
    return redirect('/', { headers: { 'Set-Cookie': await commitSession(session) } });
  });
}

async function keysKept(storage: SessionStorage, requests: number): Promise<number> {
  const meeting = new Meeting(requests);
  const { origin } = await openSite(storage, () => meeting.join());
  return keysKeptAt(requests, origin);
}

describe('50 requests that overlap, each with its own key, keep', () => {
  test('50 keys over Redis', async () => {
    expect(await keysKept(createStetSessionStorage({ store: await redisStore(), cookie }), 50)).toBe(50);
  });

  test('1 key with the storage that React Router has', async () => {
    expect(await keysKept(createMemorySessionStorage({ cookie }), 50)).toBe(1);
  });
});

/** What a visitor finds after a logout, during which a request of theirs was under way, and what became of that. */
async function afterLogout(storage: SessionStorage) {
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

describe('a request that commits after a logout', () => {
  test('is told, and creates nothing', async () => {
    const store = await redisStore();
    expect(await afterLogout(createStetSessionStorage({ store, cookie }))).toEqual({ status: 500, data: {} });
    expect(await Array.fromAsync(store.entries())).toEqual([]);
  });

  test('undoes it with the storage that React Router has', async () => {
    expect(await afterLogout(createMemorySessionStorage({ cookie }))).toEqual({
      status: 302,
      data: { begun: 'kept', late: 'kept' },
    });
  });
});

test('a redirect leaves when its session is stored', async () => {
  const gate = new Gate();
  const store = interceptedStore(new MemoryStore(), (operation) => operation === 'create' && gate.pass());
  const visitor = await openSite(createStetSessionStorage({ store, cookie }), async () => {});
  let answered = false;
  const redirected = visitor.get('/begin').finally(() => {
    answered = true;
  });
  await gate.reached;
  await visitor.twin().get('/');
  expect(answered).toBe(false);
  gate.open();
  expect((await redirected).status).toBe(302);
  expect(await visitor.json('/')).toEqual({ begun: 'kept' });
});

test('a store that takes its time loses nothing', async () => {
  const store = interceptedStore(new MemoryStore(), () => sleep(Math.random() * 5));
  expect(await keysKept(createStetSessionStorage({ store, cookie }), 10)).toBe(10);
});

test.each(['load', 'update', 'delete'] as const)(
  'a store that fails to %s is an error of the site',
  async (failing) => {
    let fails = false;
    const store = interceptedStore(new MemoryStore(), (operation) => {
      if (fails && operation === failing) throw new StoreError('STORE_UNAVAILABLE', 'The disk is gone.');
    });
    const visitor = await openSite(createStetSessionStorage({ store, cookie }), async () => {});
    await visitor.get('/begin');
    fails = true;
    const before = visitor.cookie;
    const { status } = await visitor.get({ load: '/', update: '/set/a', delete: '/logout' }[failing]);
    expect([status, visitor.cookie]).toEqual([500, before]);
    fails = false;
    expect(await visitor.json('/')).toEqual({ begun: 'kept' });
  },
);
