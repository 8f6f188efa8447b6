import { type IterableStore, idOf, MemoryStore, Sessions } from '@stet/core';
import session, { type SessionData } from 'express-session';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { StetStore } from '../src/express-session.ts';
import { answered } from './support/callback.ts';
import { stores } from './support/stores.ts';

const minuteMs = 60_000;

function sessionData(
  values: Record<string, unknown> = {},
  cookie: object = { originalMaxAge: 10 * minuteMs },
): SessionData {
  return { cookie, ...values } as unknown as SessionData;
}

/** A stet store under one for express-session, each method of which answers by a promise. */
function promising(store: IterableStore, options = {}) {
  const express = new StetStore({ store, ...options });
  return {
    express,
    get: (sid: string) => answered<SessionData | null>((done) => express.get(sid, done)),
    set: (sid: string, data: SessionData) => answered((done) => express.set(sid, data, done)),
    touch: (sid: string, data: SessionData) => answered((done) => express.touch(sid, data, done)),
    destroy: (sid: string) => answered((done) => express.destroy(sid, done)),
    all: () => answered<Record<string, SessionData>>((done) => express.all(done)),
    ids: () => answered<string[]>((done) => express.ids(done)),
    length: () => answered<number>((done) => express.length(done)),
    clear: () => answered((done) => express.clear(done)),
  };
}

describe.each(stores)('over %s', (_, open) => {
  test('a session is kept, found, listed, counted and ended', async () => {
    const { get, set, destroy, all, ids, length, clear } = promising(await open());
    expect(await get('one')).toBeNull();
    await set('one', sessionData({ n: 1 }));
    await set('two', sessionData({ n: 2, text: 'naïve ☃ 🂡\0' }));
    expect(await get('one')).toMatchObject({ n: 1, cookie: { originalMaxAge: 10 * minuteMs } });
    expect(await get('two')).toMatchObject({ text: 'naïve ☃ 🂡\0' });
    const listed = await all();
    expect(new Set(Object.keys(listed))).toEqual(new Set([idOf('one'), idOf('two')]));
    expect(listed[idOf('one')]).toMatchObject({ n: 1 });
    expect(new Set(await ids())).toEqual(new Set(Object.keys(listed)));
    expect(await length()).toBe(2);
    await destroy('one');
    await destroy('one');
    expect(await get('one')).toBeNull();
    expect(await length()).toBe(1);
    await clear();
    expect([await length(), await ids(), await all(), await get('two')]).toEqual([0, [], {}, null]);
  });

  test('a listed id ends its session and opens none', async () => {
    const { get, set, destroy, ids } = promising(await open());
    await set('one', sessionData());
    const [id = ''] = await ids();
    expect(await get(id)).toBeNull();
    await destroy(id);
    expect(await get('one')).toBeNull();
  });

  test('an expired session is not there, nor listed, nor counted', async () => {
    let time = Date.now();
    const { get, set, all, ids, length } = promising(await open(), { now: () => time });
    await set('dead', sessionData({}, { expires: new Date(time - 1), originalMaxAge: minuteMs }));
    await set('live', sessionData({}, { expires: new Date(time + minuteMs), originalMaxAge: minuteMs }));
    time += 1;
    expect(await get('dead')).toBeNull();
    expect([await length(), await ids(), Object.keys(await all())]).toEqual([1, [idOf('live')], [idOf('live')]]);
    await set('live', sessionData({}, { expires: new Date(time - 1), originalMaxAge: minuteMs }));
    expect(await get('live')).toBeNull();
  });

  test('a set after a destroy creates nothing and says so; a touch creates nothing', async () => {
    const { get, set, touch, destroy, length } = promising(await open());
    await set('one', sessionData({ n: 1 }));
    const late = (await get('one')) as SessionData;
    await destroy('one');
    late.n = 2;
    await expect(set('one', late)).rejects.toMatchObject({ code: 'SESSION_GONE' });
    await touch('one', late);
    expect(await length()).toBe(0);
  });

  test('a job and the site share a session', async () => {
    const store = await open();
    const { get, set } = promising(store);
    await set('one', sessionData({ cart: ['book'] }));
    const request = (await get('one')) as SessionData;
    await new Sessions({ store }).transact(idOf('one'), (job) => {
      job.data.reminded = true;
    });
    request.cart = ['book', 'pen'];
    await set('one', request);
    expect(await get('one')).toMatchObject({ cart: ['book', 'pen'], reminded: true });
  });
});

describe('a session', () => {
  let time = 0;
  const setUp = (options = {}) => {
    time = 1_000_000_000_000;
    const now = () => time;
    return promising(new MemoryStore({ now }), { now, ...options });
  };

  test('is the caller’s own', async () => {
    const { get, set } = setUp();
    const given = sessionData({ items: [1] });
    await set('s', given);
    (given.items as number[]).push(2);
    const handedOut = (await get('s')) as SessionData;
    (handedOut.items as number[]).push(3);
    expect(await get('s')).toMatchObject({ items: [1] });
  });

  test('is read before set returns', async () => {
    const { express, get } = setUp();
    const given = sessionData({ n: 1 });
    const saving = answered((done) => {
      express.set('s', given, done);
      given.n = 2;
    });
    await saving;
    expect(await get('s')).toMatchObject({ n: 1 });
  });

  test('that the store did not hand out is the whole session', async () => {
    const { get, set } = setUp();
    await set('s', sessionData({ a: 1, b: 1 }));
    await set('s', sessionData({ b: 2 }));
    expect(await get('s')).not.toHaveProperty('a');
  });

  test.each([
    ['maxAge', { originalMaxAge: 5_000, expires: '2001-09-09T01:46:45.000Z' }, 5_000],
    ['maxAge alone', { originalMaxAge: 5_000 }, 5_000],
    ['an end of its own', { originalMaxAge: null, expires: '2001-09-09T01:46:47.500Z' }, 7_500],
    ['no end', { originalMaxAge: null, expires: null }, 86_400_000],
    ['an end that is no date', { originalMaxAge: null, expires: 'soon' }, 86_400_000],
    ['expires: false', { originalMaxAge: false, expires: false }, 86_400_000],
    ['an end before 1970', { originalMaxAge: -2e12, expires: '1938-04-24T22:13:20.000Z' }, 0],
    ['nothing', {}, 86_400_000],
  ])('whose cookie has %s lives as long as that says', async (_, cookie, lifeMs) => {
    const { get, set } = setUp();
    await set('s', sessionData({}, cookie));
    time += lifeMs - 1;
    if (lifeMs > 0) expect(await get('s')).not.toBeNull();
    time += 1;
    expect(await get('s')).toBeNull();
  });

  test('without an end lives ttlMs', async () => {
    const { get, set } = setUp({ ttlMs: 1_000 });
    await set('s', sessionData({}, { originalMaxAge: null, expires: null }));
    expect(await get('s')).toMatchObject({ cookie: { expires: null } });
    time += 1_000;
    expect(await get('s')).toBeNull();
    for (const ttlMs of [0, -1, 1.5, Number.NaN]) expect(() => setUp({ ttlMs })).toThrow(TypeError);
    for (const touchAfterMs of [-1, Number.NaN]) expect(() => setUp({ touchAfterMs })).toThrow(TypeError);
  });

  test('tells the end that it has, not the one that it was saved with', async () => {
    const { get, set, touch } = setUp();
    await set('s', sessionData({}, { originalMaxAge: 10 * minuteMs, expires: new Date(time + 10 * minuteMs) }));
    time += 5 * minuteMs;
    const used = (await get('s')) as SessionData;
    await touch('s', sessionData({}, { originalMaxAge: 10 * minuteMs, expires: new Date(time + 10 * minuteMs) }));
    expect(used.cookie.expires).toBe(new Date(time + 5 * minuteMs).toISOString());
    expect((await get('s'))?.cookie.expires).toBe(new Date(time + 10 * minuteMs).toISOString());
  });

  test('keeps the life that another request gave it', async () => {
    const { get, set } = setUp();
    await set('s', sessionData({ n: 1 }));
    const [remember, cart] = [(await get('s')) as SessionData, (await get('s')) as SessionData];
    remember.cookie = { originalMaxAge: 1_000 * minuteMs } as never;
    await set('s', remember);
    cart.n = 2;
    await set('s', cart);
    time += 999 * minuteMs;
    expect(await get('s')).toMatchObject({ n: 2 });
  });

  test('takes a changed cookie from a touch, too, and nothing else', async () => {
    const { get, set, touch } = setUp();
    await set('s', sessionData({ n: 1 }));
    const used = (await get('s')) as SessionData;
    used.n = 2;
    used.cookie = { originalMaxAge: 1_000, path: '/shop' } as never;
    await touch('s', used);
    expect(await get('s')).toMatchObject({ n: 1, cookie: { path: '/shop' } });
    time += 1_000;
    expect(await get('s')).toBeNull();
  });
});

describe('the host', () => {
  test('gets a store of its own kind', () => {
    const store = new StetStore({ store: new MemoryStore() });
    expect(store).toBeInstanceOf(session.Store);
    expectTypeOf(store).toExtend<session.Store>();
    session({ store, secret: 'x', resave: false, saveUninitialized: false });
    expectTypeOf(store.touch).toExtend<NonNullable<session.Store['touch']>>();
    expectTypeOf(store.all).toExtend<NonNullable<session.Store['all']>>();
    // @ts-expect-error: a store of its own is needed.
    new StetStore({}).listenerCount('error');
  });
});
