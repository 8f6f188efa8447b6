import { idOf, MemoryStore, Sessions } from '@stet/core';
import session, { type SessionData } from 'express-session';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { StetStore } from '../src/express-session.ts';
import { minuteMs, promising, sessionData } from './support/promising-store.ts';
import { stores } from './support/stores.ts';

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
