import { MemoryStore } from '@stet/core';
import type { SessionData } from 'express-session';
import { describe, expect, test } from 'vitest';
import { answered } from './support/callback.ts';
import { minuteMs, promising, sessionData } from './support/promising-store.ts';

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
