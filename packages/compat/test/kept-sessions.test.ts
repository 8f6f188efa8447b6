import { randomBytes } from 'node:crypto';
import { EncryptedCodec, idOf, MemoryStore, Sessions, type SessionValues } from '@stet/core';
import { interceptedStore, type Operation } from '@stet/visitors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeptSessions } from '../src/kept/kept-sessions.ts';

const hourMs = 3_600_000;

/** Sessions in memory at a time that the test moves, and what the store was asked. */
function setUp() {
  let time = 1_000_000_000_000;
  const now = () => time;
  const memory = new MemoryStore({ now });
  const calls: Operation[] = [];
  const store = interceptedStore(memory, (operation) => calls.push(operation));
  const kept = new KeptSessions({ store, now });
  const endOf = () => time + hourMs;
  return {
    kept,
    calls,
    store: memory,
    now,
    endOf,
    pass: (ms: number) => {
      time += ms;
    },
    /** A copy of the session, as a request gets it. */
    async loaded(sid = 's'): Promise<SessionValues> {
      const found = await kept.load(sid);
      if (!found) throw new Error('There is no session.');
      calls.length = 0;
      return found.session;
    },
    async begin(session: SessionValues, sid = 's'): Promise<void> {
      await kept.save(sid, session, endOf);
      calls.length = 0;
    },
  };
}

describe('saving', () => {
  test('overlapping saves keep what each of them changed, set, added or deleted', async () => {
    const { kept, endOf, begin, loaded } = setUp();
    await begin({ a: 1, b: { n: 1 }, c: 1, d: 1 });
    const [one, two] = [await loaded(), await loaded()];
    (one.b as { n: number }).n = 2;
    one.e = 1;
    delete one.c;
    two.a = 2;
    two.f = 1;
    delete two.d;
    await Promise.all([kept.save('s', one, endOf), kept.save('s', two, endOf)]);
    expect(await loaded()).toEqual({ a: 2, b: { n: 2 }, e: 1, f: 1 });
  });

  test('any number of copies, changed in any way, come together by key', async () => {
    const keys = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', '');
    const values = fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined });
    const changes = fc.array(fc.tuple(keys, values), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: 4 }), changes, async (edits, first) => {
        const { kept, endOf, begin, loaded } = setUp();
        const apply = (session: SessionValues, edit: typeof first) => {
          for (const [key, value] of edit) {
            if (value === undefined) delete session[key];
            else Object.defineProperty(session, key, { value, enumerable: true, configurable: true, writable: true });
          }
          return session;
        };
        const base = apply({}, first);
        await begin(base);
        const copies = await Promise.all(edits.map(async (edit) => apply(await loaded(), edit)));
        await Promise.all(copies.map((copy) => kept.save('s', copy, endOf)));
        const after = new Map(Object.entries(await loaded()));
        const before = new Map(Object.entries(base));
        for (const key of ['a', 'b', 'c', '__proto__', 'constructor', '']) {
          const brought = copies.map((copy) => new Map(Object.entries(copy)).get(key));
          const changed = brought.filter((value) => value !== before.get(key));
          expect(after.get(key)).toBe(changed.length > 0 ? changed.at(-1) : before.get(key));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a second save of one object does not take away what others added between', async () => {
    const { kept, endOf, begin, loaded } = setUp();
    await begin({ a: 1 });
    const [one, two] = [await loaded(), await loaded()];
    two.theirs = true;
    await kept.save('s', two, endOf);
    one.mine = 1;
    await kept.save('s', one, endOf);
    one.mine = 2;
    await kept.save('s', one, endOf);
    expect(await loaded()).toEqual({ a: 1, theirs: true, mine: 2 });
  });

  test('two saves under way of one object: a change that the second takes back is taken back', async () => {
    const { kept, endOf, begin, loaded } = setUp();
    await begin({ step: 'cart' });
    const session = await loaded();
    session.step = 'paid';
    const first = kept.save('s', session, endOf);
    session.step = 'cart';
    await Promise.all([first, kept.save('s', session, endOf)]);
    expect(await loaded()).toEqual({ step: 'cart' });
  });

  test('the session is read at once', async () => {
    const { kept, endOf, begin, loaded } = setUp();
    await begin({ items: [1] });
    const session = await loaded();
    (session.items as number[]).push(2);
    const saving = kept.save('s', session, endOf);
    (session.items as number[]).push(3);
    await saving;
    expect(await loaded()).toEqual({ items: [1, 2] });
  });

  test('what nobody changed is not written', async () => {
    const { kept, endOf, begin, loaded, calls } = setUp();
    await begin({ a: 1 });
    await kept.save('s', await loaded(), endOf);
    expect(calls).toEqual([]);
  });

  test.each([
    ['destroyed', async ({ kept }: ReturnType<typeof setUp>) => void (await kept.destroy('s'))],
    ['expired', async ({ pass }: ReturnType<typeof setUp>) => pass(hourMs)],
  ])('a session that was %s meanwhile stays so, and the save is told', async (_, end) => {
    const site = setUp();
    await site.begin({ a: 1 });
    const session = await site.loaded();
    await end(site);
    session.a = 2;
    for (const _ of [1, 2]) {
      await expect(site.kept.save('s', session, site.endOf)).rejects.toMatchObject({ code: 'SESSION_GONE' });
    }
    expect(await site.kept.load('s')).toBeNull();
  });

  test('a session that a job has ended is gone, also while its marker can still be read', async () => {
    const { kept, endOf, begin, loaded, store, now } = setUp();
    await begin({ a: 1 });
    const session = await loaded();
    const record = await store.load(idOf('s'));
    if (!record) throw new Error('There is no record.');
    await store.update(idOf('s'), record, { data: '@stet/ended', expiresAt: now() + 1_000 });
    session.a = 2;
    await expect(kept.save('s', session, endOf)).rejects.toMatchObject({ code: 'SESSION_GONE' });
    expect(await kept.load('s')).toBeNull();
  });

  test('a new session with a sid that is taken adds its keys', async () => {
    const { kept, endOf, begin, loaded } = setUp();
    await begin({ a: 1, b: 1 });
    await kept.save('s', { b: 2, c: 2 }, endOf);
    expect(await loaded()).toEqual({ a: 1, b: 2, c: 2 });
  });

  test('an object saved under another sid is a new session there', async () => {
    const { kept, endOf, begin, loaded } = setUp();
    await begin({ a: 1 });
    const session = await loaded();
    await kept.save('other', session, endOf);
    expect(await loaded('other')).toEqual({ a: 1 });
  });

  test('an heir is compared with what its ancestor was made of', async () => {
    const { kept, endOf, begin, loaded } = setUp();
    await begin({ a: 1, b: 1 });
    const session = await loaded();
    const holder = {};
    kept.adopt(session, holder);
    await kept.save('s', { a: 2, b: 1 }, endOf);
    await kept.save('s', { a: 1, b: 2 }, endOf, holder);
    expect(await loaded()).toEqual({ a: 2, b: 2 });
  });

  test('what cannot be kept is named, and nothing is saved', async () => {
    const { kept, endOf, calls } = setUp();
    const cycle: SessionValues = {};
    cycle.self = cycle;
    for (const odd of [1n, cycle]) {
      await expect(kept.save('s', { odd }, endOf)).rejects.toThrow(/"odd(\.self)?" cannot be kept/);
    }
    expect(calls).toEqual([]);
  });

  test('a session that changed hands takes no changes of the one before', async () => {
    const { kept, endOf, begin, loaded, store } = setUp();
    await begin({ a: 1 });
    const session = await loaded();
    const record = await store.load(idOf('s'));
    if (!record) throw new Error('There is no record.');
    await store.update(idOf('s'), record, { ...record, subject: 'ada' });
    session.a = 2;
    await expect(kept.save('s', session, endOf)).rejects.toMatchObject({ code: 'SESSION_CHANGED' });
    const hers = await loaded();
    hers.a = 3;
    await kept.save('s', hers, endOf);
    expect(await store.bySubject('ada')).toHaveLength(1);
  });
});

describe('replacing', () => {
  test('makes the object the whole session, where there is one and where there is none', async () => {
    const { kept, endOf, loaded } = setUp();
    for (const session of [{ a: 1, b: 1 }, { b: 2 }]) {
      await kept.replace('s', session, endOf);
      expect(await loaded()).toEqual(session);
    }
  });

  test('stands, also where another save comes first', async () => {
    const { store, now, endOf, begin, loaded } = setUp();
    await begin({ a: 1 });
    let saves = 0;
    const overtaken = interceptedStore(store, async (operation) => {
      if (operation !== 'update' || saves > 0) return;
      saves += 1;
      await new KeptSessions({ store, now }).save('s', { theirs: 1 }, endOf);
    });
    await new KeptSessions({ store: overtaken, now }).replace('s', { whole: true }, endOf);
    expect(saves).toBe(1);
    expect(await loaded()).toEqual({ whole: true });
  });
});

describe('the end of a session', () => {
  test('is stored where it has moved by a minute, or by a tenth of the life of a short one', async () => {
    const { kept, begin, loaded, calls, pass, now } = setUp();
    for (const [lifeMs, dueMs] of [
      [hourMs, 60_000],
      [100_000, 10_000],
    ] as const) {
      const endOf = () => now() + lifeMs;
      await kept.replace('s', { lifeMs }, endOf);
      const session = await loaded();
      pass(dueMs - 1);
      await kept.touch('s', {}, endOf, session);
      expect(calls).toEqual([]);
      pass(1);
      await kept.touch('s', {}, endOf, session);
      await kept.touch('s', {}, endOf, session);
      expect(calls).toEqual(['touch']);
      expect((await kept.load('s'))?.expiresAt).toBe(now() + lifeMs);
      await begin({});
    }
  });

  test('comes sooner where the application wants it to', async () => {
    const { kept, begin, loaded, now, pass } = setUp();
    await begin({ a: 1 });
    await kept.save('s', await loaded(), () => now() + 1_000);
    pass(1_000);
    expect(await kept.load('s')).toBeNull();
  });

  test('is that of the session as it is stored, where another save came first', async () => {
    const { kept, begin, loaded, now } = setUp();
    const endOf = (session: SessionValues) => now() + (session.lifeMs as number);
    await begin({ lifeMs: hourMs });
    const [one, two] = [await loaded(), await loaded()];
    one.lifeMs = 30 * 24 * hourMs;
    await kept.save('s', one, endOf);
    two.cart = 1;
    await kept.save('s', two, endOf);
    expect((await kept.load('s'))?.expiresAt).toBe(now() + 30 * 24 * hourMs);
  });

  test('is moved by a touch of a session that was not loaded; what else it holds stays', async () => {
    const { kept, begin, loaded, now, pass } = setUp();
    await begin({ a: 1, cookie: { path: '/' } });
    pass(120_000);
    await kept.touch('s', { cookie: { path: '/shop' } }, () => now() + hourMs);
    expect(await kept.load('s')).toMatchObject({ expiresAt: now() + hourMs });
    expect(await loaded()).toEqual({ a: 1, cookie: { path: '/shop' } });
  });

  test('stands: a touch brings nothing back', async () => {
    const { kept, begin, loaded, endOf, pass } = setUp();
    await begin({ a: 1 });
    const session = await loaded();
    await kept.destroy('s');
    pass(120_000);
    await kept.touch('s', {}, endOf, session);
    await kept.touch('s', { cookie: {} }, endOf, session);
    await kept.touch('s', { cookie: {} }, endOf);
    expect(await kept.load('s')).toBeNull();
  });
});

describe('the store', () => {
  test('gets the hash of a sid, whatever the sid is', async () => {
    const { kept, endOf, store } = setUp();
    const sids = ['', 'A', 'a', '../../etc/passwd', 'naïve ☃ 🂡', '\0', 'x'.repeat(100_000), 'a'.repeat(64)];
    for (const [n, sid] of sids.entries()) await kept.save(sid, { n }, endOf);
    for (const [n, sid] of sids.entries()) expect((await kept.load(sid))?.session).toEqual({ n });
    const ids = await Array.fromAsync(store.entries(), ([id]) => id);
    expect(new Set(ids)).toEqual(new Set(sids.map(idOf)));
    for (const sid of ['\ud800', undefined, 7]) await expect(kept.load(sid as string)).rejects.toThrow(TypeError);
  });

  test('has records that jobs share with the library, by way of Sessions', async () => {
    const { kept, endOf, begin, loaded, store, now } = setUp();
    await begin({ cart: ['book'] });
    const session = await loaded();
    const sessions = new Sessions({ store, now });
    await sessions.transact(idOf('s'), (job) => {
      job.data.reminded = true;
    });
    session.cart = ['book', 'pen'];
    await kept.save('s', session, endOf);
    expect(await loaded()).toEqual({ cart: ['book', 'pen'], reminded: true });
    expect(await sessions.revoke(idOf('s'))).toBe(true);
    session.cart = [];
    await expect(kept.save('s', session, endOf)).rejects.toMatchObject({ code: 'SESSION_GONE' });
  });

  test('keeps what any codec makes of a session', async () => {
    const { store, now, endOf } = setUp();
    const codec = new EncryptedCodec({ keys: [{ id: 'k', secret: randomBytes(32) }] });
    const kept = new KeptSessions({ store, now, codec });
    await kept.save('s', { secret: 'saffron' }, endOf);
    const session = (await kept.load('s'))?.session as SessionValues;
    session.more = 1;
    await kept.save('s', session, endOf);
    expect((await store.load(idOf('s')))?.data).not.toContain('saffron');
    expect((await kept.load('s'))?.session).toEqual({ secret: 'saffron', more: 1 });
  });

  test('is listed by ids, which end sessions and save them, and open none', async () => {
    const { kept, endOf, begin, store, now } = setUp();
    await begin({ n: 1 }, 'one');
    await begin({ n: 2 }, 'two');
    await store.create(idOf('damaged'), { data: 'damaged', expiresAt: now() + hourMs });
    const listed = new Map(await Array.fromAsync(kept.entries()));
    expect(new Set(listed.keys())).toEqual(new Set([idOf('one'), idOf('two')]));
    expect(await kept.load(idOf('one'))).toBeNull();
    const session = listed.get(idOf('one'))?.session as SessionValues;
    session.flag = true;
    await kept.save(idOf('one'), session, endOf);
    expect((await kept.load('one'))?.session).toEqual({ n: 1, flag: true });
    expect(await kept.destroy(idOf('two'))).toBe(true);
    expect(await kept.destroy(idOf('two'))).toBe(false);
    expect(await Array.fromAsync(kept.ids())).toHaveLength(2);
    await kept.clear();
    expect(await Array.fromAsync(kept.ids())).toEqual([]);
  });
});
