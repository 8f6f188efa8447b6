import type { RequestListener } from 'node:http';
import { MemoryStore, Sessions } from '@stet/core';
import { type Answer, Gate, listening, Meeting, Visitor } from '@stet/visitors';
import { describe, expect, test } from 'vitest';
import { statusOf } from '../src/failure/error-status.ts';
import { lastWriteWins } from './naive/last-write-wins.ts';
import { type App, bindings } from './support/bindings.ts';
import { stores } from './support/stores.ts';

/** A shop in which a slow request has its session in hand when the visitor logs out. */
function shop(gate: Gate): App {
  return async (session, { pathname }) => {
    if (pathname === '/login') session.data.user = 'ada';
    if (pathname === '/logout') await session.destroy();
    if (pathname === '/slow') {
      await gate.pass();
      session.data.late = true;
    }
    return JSON.stringify(session.data);
  };
}

/** What becomes of a session whose slow request ends after its logout. */
async function lateSave(bind: (app: App) => RequestListener): Promise<{ late: Answer; afterwards: string }> {
  const gate = new Gate();
  const origin = await listening(bind(shop(gate)));
  const visitor = new Visitor(origin);
  await visitor.get('/login');
  const beforeLogout = visitor.cookie;
  const slow = visitor.twin().get('/slow');
  await gate.reached;
  await visitor.get('/logout');
  gate.open();
  const late = await slow;
  return { late, afterwards: await new Visitor(origin, beforeLogout).text('/') };
}

for (const [storeName, openStore] of stores) {
  test.each(bindings)(
    `${storeName}, %s: a save after the logout creates nothing, and its request is told`,
    async (_, bind) => {
      const store = await openStore();
      const sessions = new Sessions({ store });
      const { late, afterwards } = await lateSave((app) => bind(sessions, app));
      expect(late.status).toBe(409);
      // By now the visitor may have the cookie of a new login: only the request that ended the session takes it away.
      expect(late.setCookie).toEqual([]);
      expect(afterwards).toBe('{}');
      expect(await Array.fromAsync(sessions.entries())).toEqual([]);
    },
  );
}

test('the test bites: middleware that saves whole sessions brings the session back', async () => {
  expect(JSON.parse((await lateSave(lastWriteWins)).afterwards)).toEqual({ user: 'ada', late: true });
});

/** Logins and logouts that have their session in hand before the first of them goes on. */
function racingApp(racers: number): App {
  const meeting = new Meeting(racers);
  return async (session, { pathname, searchParams }) => {
    if (pathname === '/begin') session.data.cart = ['book'];
    if (pathname !== '/login' && pathname !== '/logout') return JSON.stringify(session.data);
    await meeting.join();
    try {
      if (pathname === '/logout') await session.destroy();
      else {
        session.data.user = searchParams.get('user');
        await session.regenerate();
      }
      return JSON.stringify(session.data);
    } catch (error) {
      return { status: statusOf(error), body: `${error}` };
    }
  };
}

describe.each(bindings)('%s', (_, bind) => {
  test('a logout takes the cookie away, and the session with it', async () => {
    const visitor = new Visitor(await listening(bind(new Sessions({ store: new MemoryStore() }), racingApp(1))));
    await visitor.get('/begin');
    const before = visitor.twin();
    await visitor.get('/logout');
    expect(visitor.cookie).toBeUndefined();
    expect(await before.text('/')).toBe('{}');
  });

  test('a login moves the session to a new token, and the old one is dead', async () => {
    const visitor = new Visitor(await listening(bind(new Sessions({ store: new MemoryStore() }), racingApp(1))));
    await visitor.get('/begin');
    const before = visitor.twin();
    await visitor.get('/login?user=ada');
    expect(visitor.cookie).not.toBe(before.cookie);
    expect(await visitor.json('/')).toEqual({ cart: ['book'], user: 'ada' });
    expect(await before.text('/')).toBe('{}');
  });

  test('of 20 racing logins one wins, and it alone hands out a token', async () => {
    const sessions = new Sessions({ store: new MemoryStore() });
    const visitor = new Visitor(await listening(bind(sessions, racingApp(20))));
    await visitor.get('/begin');
    const racers = Array.from({ length: 20 }, () => visitor.twin());
    const answers = await Promise.all(racers.map((racer, n) => racer.get(`/login?user=u${n}`)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(19).fill(409)]);
    const winner = answers.findIndex(({ status }) => status === 200);
    expect(await racers[winner]?.json('/')).toEqual({ cart: ['book'], user: `u${winner}` });
    // They share one cookie jar: a loser that took its own dead cookie away would take the winner's.
    const cookies = answers.map(({ setCookie }) => setCookie.length);
    expect(cookies).toEqual(answers.map((_, n) => (n === winner ? 1 : 0)));
    expect(await visitor.text('/')).toBe('{}');
    expect(await Array.fromAsync(sessions.entries())).toHaveLength(1);
  });

  test('after a logout that races with a login, no session is left', async () => {
    for (let round = 0; round < 20; round += 1) {
      const sessions = new Sessions({ store: new MemoryStore() });
      const visitor = new Visitor(await listening(bind(sessions, racingApp(2))));
      await visitor.get('/begin');
      const [login, logout] = [visitor.twin(), visitor.twin()];
      const paths = round % 2 === 0 ? ['/login', '/logout'] : ['/logout', '/login'];
      await Promise.all(paths.map((path) => (path === '/login' ? login : logout).get(path)));
      expect(await visitor.text('/')).toBe('{}');
      expect(await login.text('/')).toBe('{}');
      expect(await Array.fromAsync(sessions.entries())).toEqual([]);
    }
  });
});
