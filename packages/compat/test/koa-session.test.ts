import { type IterableStore, idOf, MemoryStore, Sessions, StoreError } from '@stet/core';
import { interceptedStore } from '@stet/visitors';
import Koa from 'koa';
import { type CreateSessionOptions, createSession } from 'koa-session';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { StetStore } from '../src/koa-session.ts';
import { stores } from './support/stores.ts';

const dayMs = 86_400_000;

/** What koa-session saves of a session that lives a day. */
const lasting = { _expire: Date.now() + dayMs, _maxAge: dayMs };

/** The calls of one request. */
function requestOf(store: StetStore, ctx: object = {}) {
  const options = { ctx, rolling: false };
  return {
    get: (key: string) => store.get(key, dayMs, options),
    set: (key: string, session: object) =>
      store.set(key, { ...session, ...lasting }, dayMs + 10_000, { ...options, changed: true } as never),
    destroy: (key: string) => store.destroy(key),
  };
}

describe.each(stores)('over %s', (_, open) => {
  test('a session is kept, found, changed and ended', async () => {
    const store = new StetStore({ store: await open() });
    expect(await requestOf(store).get('one')).toBeNull();
    await requestOf(store).set('one', { n: 1, text: 'naïve ☃ 🂡\0' });
    const second = requestOf(store);
    expect(await second.get('one')).toMatchObject({ n: 1, text: 'naïve ☃ 🂡\0', _maxAge: dayMs });
    await second.set('one', { n: 2 });
    const { _expire, ...found } = (await requestOf(store).get('one')) ?? {};
    expect(found).toEqual({ n: 2, _maxAge: dayMs });
    await requestOf(store).destroy('one');
    await requestOf(store).destroy('one');
    expect(await requestOf(store).get('one')).toBeNull();
  });

  test('overlapping requests keep what each of them changed', async () => {
    const store = new StetStore({ store: await open() });
    await requestOf(store).set('one', { a: 1, b: 1, c: 1 });
    const [one, two] = [requestOf(store), requestOf(store)];
    await Promise.all([one.get('one'), two.get('one')]);
    await Promise.all([one.set('one', { a: 2, b: 1 }), two.set('one', { a: 1, b: 2, c: 1, d: 1 })]);
    expect(await requestOf(store).get('one')).toMatchObject({ a: 2, b: 2, d: 1 });
    expect(await requestOf(store).get('one')).not.toHaveProperty('c');
  });

  test('a set after a destroy creates nothing, and says so', async () => {
    const kept = await open();
    const store = new StetStore({ store: kept });
    await requestOf(store).set('one', { n: 1 });
    const late = requestOf(store);
    await late.get('one');
    await requestOf(store).destroy('one');
    await expect(late.set('one', { n: 2 })).rejects.toMatchObject({ code: 'SESSION_GONE' });
    expect(await Array.fromAsync(kept.entries())).toEqual([]);
  });

  test('a job and the site share a session', async () => {
    const kept = await open();
    const store = new StetStore({ store: kept });
    await requestOf(store).set('one', { cart: ['book'] });
    const request = requestOf(store);
    await request.get('one');
    await new Sessions({ store: kept }).transact(idOf('one'), (job) => {
      job.data.reminded = true;
    });
    await request.set('one', { cart: ['book', 'pen'] });
    expect(await requestOf(store).get('one')).toMatchObject({ cart: ['book', 'pen'], reminded: true });
  });
});

describe('without a context', () => {
  const setUp = (store: IterableStore = new MemoryStore()) => new StetStore({ store });

  test('an object that the store handed out keeps what others changed', async () => {
    const store = setUp();
    await store.set('s', { a: 1, ...lasting }, dayMs);
    const [one, two] = [(await store.get('s')) ?? {}, (await store.get('s')) ?? {}];
    one.b = 1;
    two.c = 1;
    await Promise.all([store.set('s', one, dayMs), store.set('s', two, dayMs)]);
    expect(await store.get('s')).toMatchObject({ a: 1, b: 1, c: 1 });
  });

  test('another object is the whole session', async () => {
    const store = setUp();
    await store.set('s', { a: 1, b: 1 }, dayMs);
    await store.set('s', { b: 2 }, dayMs);
    expect(await store.get('s')).toEqual({ b: 2 });
  });

  test('a session is the caller’s own, and is read before set returns', async () => {
    const store = setUp();
    const given = { items: [1] };
    const saving = store.set('s', given, dayMs);
    given.items.push(2);
    await saving;
    const found = (await store.get('s')) as { items: number[] };
    found.items.push(3);
    expect(await store.get('s')).toEqual({ items: [1] });
  });
});

describe('the end of a session', () => {
  function setUp() {
    let time = 1_000_000_000_000;
    const now = () => time;
    const store = new StetStore({ store: new MemoryStore({ now }), ttlMs: 5_000, now });
    return {
      store,
      async livesFor(key: string, lifeMs: number): Promise<void> {
        time += lifeMs - 1;
        expect(await store.get(key)).not.toBeNull();
        time += 1;
        expect(await store.get(key)).toBeNull();
      },
      pass: (ms: number) => {
        time += ms;
      },
      now,
    };
  }

  test.each<readonly [name: string, session: object, maxAge: number | 'session' | undefined, lifeMs: number]>([
    ['maxAge', { _maxAge: 20_000, _expire: 1 }, 30_000, 30_000],
    ['maxAge alone', {}, 20_000, 20_000],
    ['maxAge of a fraction', {}, 20_000.9, 20_000],
    ['a maxAge of “session”', { _session: true }, 'session', 5_000],
    ['nothing', {}, undefined, 5_000],
  ])('is the one that %s says', async (_, session, maxAge, lifeMs) => {
    const { store, livesFor } = setUp();
    await store.set('s', { ...session }, maxAge, { ctx: {} });
    await livesFor('s', lifeMs);
  });

  test('is told to koa-session as it is stored, ten seconds early: so it is koa-session that notices it', async () => {
    const { store, now, pass } = setUp();
    await store.set('s', { _maxAge: 20_000, _expire: 1 }, 30_000);
    pass(15_000);
    expect(await store.get('s')).toEqual({ _maxAge: 20_000, _expire: now() + 5_000 });
  });

  test('is the one that another request gave it', async () => {
    const { store, pass } = setUp();
    const [remember, cart] = [{ ctx: {} }, { ctx: {} }];
    await store.set('s', { _maxAge: 20_000, _expire: 1 }, 30_000);
    for (const request of [remember, cart]) await store.get('s', 20_000, request);
    await store.set('s', { _maxAge: 500_000, _expire: 1 }, 510_000, remember);
    await store.set('s', { _maxAge: 20_000, _expire: 1, cart: [1] }, 30_000, cart);
    pass(505_000);
    expect(await store.get('s')).toMatchObject({ cart: [1], _maxAge: 500_000 });
  });

  test('a life that cannot be is refused', () => {
    const store = new MemoryStore();
    for (const ttlMs of [0, -1, 1.5, Number.NaN]) expect(() => new StetStore({ store, ttlMs })).toThrow(TypeError);
    expect(() => new StetStore({ store, touchAfterMs: -1 })).toThrow(TypeError);
  });
});

describe.each<readonly [name: string, call: (store: StetStore, key: string) => Promise<unknown>]>([
  ['get', (store, key) => store.get(key)],
  ['set', (store, key) => store.set(key, {}, dayMs, { ctx: {} })],
  ['destroy', (store, key) => store.destroy(key)],
])('%s', (_, call) => {
  test('rejects with the error of the store', async () => {
    const outage = new StoreError('STORE_UNAVAILABLE', 'No.');
    const store = interceptedStore(new MemoryStore(), async () => Promise.reject(outage));
    await expect(call(new StetStore({ store }), 's')).rejects.toBe(outage);
  });

  test('rejects, and throws nothing, where the id is no text', async () => {
    const store = new StetStore({ store: new MemoryStore() });
    await expect(call(store, 'half a pair: \ud800')).rejects.toBeInstanceOf(TypeError);
  });
});

test('a value that cannot be kept is an error, and the session stays as it was', async () => {
  const store = new StetStore({ store: new MemoryStore() });
  await requestOf(store).set('s', { n: 1 });
  await expect(requestOf(store).set('s', { n: 2n })).rejects.toBeInstanceOf(TypeError);
  expect(await requestOf(store).get('s')).toMatchObject({ n: 1 });
});

test('the host takes the store as one of its own', () => {
  expectTypeOf<StetStore>().toExtend<NonNullable<CreateSessionOptions['store']>>();
  // @ts-expect-error: a stet store is needed.
  expect(() => new StetStore({})).not.toThrow();
  const app = new Koa();
  expect(createSession({ store: new StetStore({ store: new MemoryStore() }) }, app)).toBeTypeOf('function');
});
