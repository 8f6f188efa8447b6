import session, { type SessionStore } from '@fastify/session';
import { type IterableStore, idOf, MemoryStore, Sessions, StoreError } from '@stet/core';
import { interceptedStore } from '@stet/visitors';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { StetStore, type StetStoreOptions } from '../src/fastify-session.ts';
import { answered } from './support/callback.ts';
import { stores } from './support/stores.ts';

type SessionData = Parameters<SessionStore['set']>[1];

const minuteMs = 60_000;

/** A session as an application may give one to the store. */
function sessionData(values: Record<string, unknown> = {}, cookie: object = { originalMaxAge: minuteMs }): SessionData {
  return { cookie, ...values } as unknown as SessionData;
}

/** A stet store under one for @fastify/session, each method of which answers by a promise. */
function promising(store: IterableStore, options: Partial<StetStoreOptions> = {}) {
  const fastify = new StetStore({ store, ...options });
  return {
    fastify,
    get: (sid: string) => answered<SessionData | null>((done) => fastify.get(sid, done)),
    set: (sid: string, data: SessionData) => answered((done) => fastify.set(sid, data, done)),
    destroy: (sid: string) => answered((done) => fastify.destroy(sid, done)),
  };
}

describe.each(stores)('over %s', (_, open) => {
  test('a session is kept, found, changed and ended', async () => {
    const { get, set, destroy } = promising(await open());
    expect(await get('one')).toBeNull();
    await set('one', sessionData({ n: 1, text: 'naïve ☃ 🂡\0' }));
    const found = (await get('one')) as SessionData;
    expect(found).toMatchObject({ n: 1, text: 'naïve ☃ 🂡\0', cookie: { originalMaxAge: minuteMs } });
    found.n = 2;
    await set('one', found);
    expect(await get('one')).toMatchObject({ n: 2 });
    await destroy('one');
    await destroy('one');
    expect(await get('one')).toBeNull();
  });

  test('a set after a destroy creates nothing, and says so', async () => {
    const store = await open();
    const { get, set, destroy } = promising(store);
    await set('one', sessionData({ n: 1 }));
    const late = (await get('one')) as SessionData;
    await destroy('one');
    late.n = 2;
    await expect(set('one', late)).rejects.toMatchObject({ code: 'SESSION_GONE' });
    expect(await Array.fromAsync(store.entries())).toEqual([]);
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

describe('an object', () => {
  test('is the caller’s own, and is read before set returns', async () => {
    const { fastify, get } = promising(new MemoryStore());
    const given = sessionData({ items: [1] });
    await answered((done) => {
      fastify.set('s', given, done);
      (given.items as number[]).push(2);
    });
    ((await get('s')) as unknown as { items: number[] }).items.push(3);
    expect(await get('s')).toMatchObject({ items: [1] });
  });

  test('that the store did not hand out is the whole session', async () => {
    const { get, set } = promising(new MemoryStore());
    await set('s', sessionData({ a: 1, b: 1 }));
    await set('s', sessionData({ b: 2 }));
    expect(await get('s')).not.toHaveProperty('a');
  });

  test('without a cookie is a session, too', async () => {
    const { get, set } = promising(new MemoryStore());
    await set('s', { n: 1 } as never);
    expect(await get('s')).toMatchObject({ n: 1 });
  });

  test('of a version of the plugin that shows nothing of where it came from is refused, not mixed into what is there', async () => {
    const { get, set } = promising(new MemoryStore());
    await set('s', sessionData({ user: 'ada', cart: [1] }));
    const stranger = { ...sessionData({ cart: [] }), encryptedSessionId: 's.signature' } as SessionData;
    await expect(set('s', stranger)).rejects.toMatchObject({ code: 'SESSION_CONFLICT' });
    expect(await get('s')).toMatchObject({ user: 'ada', cart: [1] });
  });

  test('that cannot be kept is an error, and the session stays as it was', async () => {
    const { get, set } = promising(new MemoryStore());
    await set('s', sessionData({ n: 1 }));
    const found = (await get('s')) as SessionData;
    found.n = 2n;
    await expect(set('s', found)).rejects.toBeInstanceOf(TypeError);
    expect(await get('s')).toMatchObject({ n: 1 });
  });
});

describe.each<readonly [name: string, call: (store: StetStore, sid: string, done: (error: unknown) => void) => void]>([
  ['get', (store, sid, done) => store.get(sid, done)],
  ['set', (store, sid, done) => store.set(sid, sessionData(), done)],
  ['destroy', (store, sid, done) => store.destroy(sid, done)],
])('%s', (_, call) => {
  const failing = (error: unknown) => {
    const store = interceptedStore(new MemoryStore(), async () => Promise.reject(error));
    return new StetStore({ store });
  };

  test('answers with the error of the store, once, later', async () => {
    const outage = new StoreError('STORE_UNAVAILABLE', 'No.');
    const store = failing(outage);
    await expect(answered((done) => call(store, 's', done))).rejects.toBe(outage);
  });

  test('answers once when the store takes its time', async () => {
    const store = interceptedStore(new MemoryStore(), () => new Promise((resolve) => setTimeout(resolve, 5)));
    await answered((done) => call(new StetStore({ store }), 's', done));
  });

  test.each([
    ['has the code ENOENT', Object.assign(new Error('no such file'), { code: 'ENOENT' }), 'no such file'],
    ['is undefined', undefined, undefined],
  ])('an error that %s is never “no such session”', async (_, cause, said) => {
    const store = failing(cause);
    const error = await answered((done) => call(store, 's', done)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect((error as { cause?: Error }).cause?.message).toBe(said);
  });

  test('an id that is no text is an error to the callback', async () => {
    const store = new StetStore({ store: new MemoryStore() });
    const outcome = answered((done) => call(store, 'half a pair: \ud800', done));
    await expect(outcome).rejects.toBeInstanceOf(TypeError);
  });
});

test('an error that nobody waits for is emitted', async () => {
  const outage = new StoreError('STORE_UNAVAILABLE', 'No.');
  const store = new StetStore({ store: interceptedStore(new MemoryStore(), async () => Promise.reject(outage)) });
  const heard = vi.fn();
  store.on('error', heard);
  store.destroy('s');
  store.set('s', sessionData());
  await vi.waitFor(() => expect(heard.mock.calls).toEqual([[outage], [outage]]));
});

test('the host takes the store as one of its own, and settings that cannot work are refused', () => {
  expectTypeOf<StetStore>().toExtend<SessionStore>();
  expectTypeOf<StetStore>().toExtend<NonNullable<session.FastifySessionOptions['store']>>();
  // @ts-expect-error: a stet store is needed.
  new StetStore({});
  const store = new MemoryStore();
  for (const ttlMs of [0, -1, 1.5, Number.NaN]) expect(() => new StetStore({ store, ttlMs })).toThrow(TypeError);
  expect(() => new StetStore({ store, touchAfterMs: -1 })).toThrow(TypeError);
  expect(session.Store).toBeDefined();
});
