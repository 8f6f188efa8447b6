import { generateToken, idOf, MemoryStore, Sessions, StoreError } from '@stet/core';
import { describe, expect, it, vi } from 'vitest';
import { recordingStore } from './recording-store.ts';

interface Data {
  cart?: { items: string[] };
  visits?: number;
  [key: string]: unknown;
}

const minuteMs = 60_000;

function setUp(options: object = {}) {
  const clock = { now: 1_700_000_000_000 };
  const now = () => clock.now;
  const recording = recordingStore(new MemoryStore({ now }));
  const sessions = new Sessions<Data>({ store: recording.store, now, ...options });
  return { clock, recording, calls: recording.calls, store: recording.store, sessions };
}

async function stored(sessions: Sessions<Data>, data: Data = { visits: 1 }) {
  const session = await sessions.open();
  Object.assign(session.data, data);
  await session.save();
  return session;
}

describe('opening', () => {
  it.each([
    undefined,
    null,
    '',
    'short',
    `${generateToken()}x`,
    `${generateToken().slice(1)}\n`,
    'é'.repeat(43),
    'x'.repeat(1_000_000),
  ])('asks the store nothing without a well-formed token', async (token) => {
    const { sessions, calls } = setUp();
    const session = await sessions.open(token);
    expect(session.isNew).toBe(true);
    await session.save();
    expect(calls).toEqual([]);
  });

  it('never adopts an unknown token', async () => {
    const { sessions, calls } = setUp();
    const token = generateToken();
    const session = await sessions.open(token);
    expect(session.token).not.toBe(token);
    session.data.visits = 1;
    await session.save();
    expect(calls).toEqual(['load', 'create']);
    expect((await sessions.open(token)).isNew).toBe(true);
  });

  it.each([undefined, false, true])('tells the store whether a cache may answer: fresh %s', async (fresh) => {
    const { sessions, store } = setUp();
    const session = await stored(sessions);
    const load = vi.spyOn(store, 'load');
    await sessions.open(session.token, { ...(fresh !== undefined && { fresh }) });
    const lazy = await sessions.open(session.token, { lazy: true, ...(fresh !== undefined && { fresh }) });
    await lazy.load();
    expect(load.mock.calls).toEqual(Array(2).fill([session.id, fresh ? { fresh } : undefined]));
  });

  it('gives the store nothing that leads back to the token', async () => {
    const { sessions, store } = setUp();
    const session = await stored(sessions);
    expect(session.id).toBe(idOf(session.token ?? ''));
    expect(JSON.stringify(await store.load(session.id))).not.toContain(session.token);
  });

  it('loads a lazy session when asked to, once, and refuses its data before', async () => {
    const { sessions, calls } = setUp();
    const { token } = await stored(sessions);
    calls.length = 0;
    const session = await sessions.open(token, { lazy: true });
    expect(() => session.data).toThrow(expect.objectContaining({ code: 'SESSION_STATE' }));
    await session.save();
    expect(calls).toEqual([]);
    await Promise.all([session.load(), session.load()]);
    expect(calls).toEqual(['load']);
    expect(session.data.visits).toBe(1);
  });

  it('is lazy without a token, too, and then asks the store nothing', async () => {
    const { sessions, calls } = setUp();
    const session = await sessions.open(undefined, { lazy: true });
    expect(() => session.data).toThrow(expect.objectContaining({ code: 'SESSION_STATE' }));
    await session.save();
    await session.load();
    expect(session.isNew).toBe(true);
    expect(calls).toEqual([]);
    session.data.visits = 1;
    await session.save();
    expect(calls).toEqual(['create']);
  });

  it('rejects where the store fails, and can be asked again', async () => {
    const { sessions, recording } = setUp();
    const { token } = await stored(sessions);
    recording.failure = new StoreError('STORE_UNAVAILABLE', 'down');
    await expect(sessions.open(token)).rejects.toBe(recording.failure);
    const session = await sessions.open(token, { lazy: true });
    await expect(session.load()).rejects.toBe(recording.failure);
    recording.failure = undefined;
    await session.load();
    expect(session.data.visits).toBe(1);
  });

  it('rejects a record that cannot be decoded, and leaves it as it is', async () => {
    const { sessions, store } = setUp();
    const { token, id } = await stored(sessions);
    const record = await store.load(id);
    if (!record) return expect.fail('it is stored');
    await store.update(id, record, { ...record, data: '{"visits":' });
    const session = await sessions.open(token);
    expect(() => session.data).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT_RECORD' }));
    await session.commit();
    expect((await store.load(id))?.data).toBe('{"visits":');
  });
});

describe('saving', () => {
  it('writes nothing where nothing changed', async () => {
    const { sessions, calls } = setUp();
    const { token } = await stored(sessions, { cart: { items: ['pen'] }, visits: 1 });
    calls.length = 0;
    const session = await sessions.open(token);
    session.data.cart = { items: ['pen'] };
    await session.save();
    expect(calls).toEqual(['load']);
  });

  it('notices changes at any depth, and keys that were deleted', async () => {
    const { sessions, calls } = setUp();
    const { token } = await stored(sessions, { cart: { items: ['pen'] }, visits: 1 });
    calls.length = 0;
    const session = await sessions.open(token);
    session.data.cart?.items.push('ink');
    delete session.data.visits;
    await session.save();
    expect(calls).toEqual(['load', 'update']);
    expect({ ...(await sessions.open(token)).data }).toEqual({ cart: { items: ['pen', 'ink'] } });
  });

  it('keeps what is changed while a save is under way for the next save', async () => {
    const store = new MemoryStore();
    const answer = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const slow = Object.assign(Object.create(store) as MemoryStore, {
      load: (id: string) => store.load(id),
      create: (...args: Parameters<MemoryStore['create']>) => store.create(...args),
      update: async (...args: Parameters<MemoryStore['update']>) => {
        const result = await store.update(...args);
        asked.resolve();
        await answer.promise;
        return result;
      },
    });
    const sessions = new Sessions<Data>({ store: slow });
    const session = await stored(sessions, { visits: 1, other: 1 });
    session.data.visits = 2;
    const saving = session.save();
    await asked.promise;
    session.data.other = 2;
    session.update('visits', (n) => (n ?? 0) + 10);
    answer.resolve();
    await saving;
    await session.save();
    expect({ ...(await sessions.open(session.token)).data }).toEqual({ visits: 12, other: 2 });
  });

  it.each(['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', '0', ''])(
    'keeps the key %j as any other',
    async (key) => {
      const { sessions } = setUp();
      const session = await sessions.open();
      session.data[key] = { polluted: true };
      await session.save();
      const again = await sessions.open(session.token);
      expect(again.data[key]).toEqual({ polluted: true });
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    },
  );

  it('refuses what cannot be kept, names it, and saves nothing', async () => {
    const { sessions, calls } = setUp({ maxDataBytes: 1_000 });
    const session = await stored(sessions);
    calls.length = 0;
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    const failing = {
      toJSON() {
        throw new RangeError('too deep');
      },
    };
    for (const value of [1n, cycle, failing]) {
      session.data.odd = value;
      await expect(session.save()).rejects.toThrow(/The session's "odd(\.self)?" cannot be kept/);
    }
    delete session.data.odd;
    session.data.long = 'x'.repeat(1_000);
    await expect(session.save()).rejects.toMatchObject({ code: 'STORE_TOO_LARGE' });
    expect(calls).toEqual([]);
    delete session.data.long;
    session.data.visits = 2;
    await session.save();
    expect({ ...(await sessions.open(session.token)).data }).toEqual({ visits: 2 });
  });

  it('refuses an updater that returns nothing or a promise, and leaves the value as it was', async () => {
    const { sessions } = setUp();
    const session = await stored(sessions, { cart: { items: ['pen'] } });
    const forgetful = (cart: { items: string[] } | undefined) => void cart?.items.push('ink');
    expect(() => session.update('cart', forgetful as never)).toThrow(TypeError);
    expect(() => session.update('cart', (async () => ({ items: [] })) as never)).toThrow(TypeError);
    expect(session.data.cart).toEqual({ items: ['pen'] });
  });

  it('tells whether it has changes to save', async () => {
    const { sessions } = setUp();
    const session = await sessions.open();
    expect([session.isChanged, session.needsSave]).toEqual([false, false]);
    session.data.cart = { items: [] };
    expect([session.isChanged, session.needsSave]).toEqual([true, true]);
    await session.save();
    expect([session.isChanged, session.needsSave]).toEqual([false, false]);
    session.data.cart.items.push('pen');
    expect(session.isChanged).toBe(true);
    session.data.cart.items.pop();
    expect(session.isChanged).toBe(false);
    session.subject = 'user-7';
    expect(session.isChanged).toBe(true);
    await session.destroy();
    expect([session.isChanged, session.needsSave]).toEqual([false, false]);
  });

  it('throws on changes after it was destroyed: nothing would save them', async () => {
    const { sessions } = setUp();
    const session = await stored(sessions);
    const { data } = session;
    await session.destroy();
    await session.destroy();
    expect(() => {
      session.data.visits = 2;
    }).toThrow(expect.objectContaining({ code: 'SESSION_STATE' }));
    expect(() => {
      data.visits = 2;
    }).toThrow(TypeError);
    expect(() => session.update('visits', () => 2)).toThrow(expect.objectContaining({ code: 'SESSION_STATE' }));
    await expect(session.save()).rejects.toMatchObject({ code: 'SESSION_GONE' });
  });

  it('throws on changes after it was sealed', async () => {
    const { sessions } = setUp();
    const session = await stored(sessions, { cart: { items: ['pen'] } });
    session.seal();
    expect(session.data.cart?.items).toEqual(['pen']);
    expect(() => session.data.cart?.items.push('ink')).toThrow(expect.objectContaining({ code: 'SESSION_STATE' }));
    expect(() => {
      session.data.visits = 2;
    }).toThrow(expect.objectContaining({ code: 'SESSION_STATE' }));
    expect(() => session.update('visits', () => 2)).toThrow(expect.objectContaining({ code: 'SESSION_STATE' }));
    expect(() => {
      session.subject = 'user-7';
    }).toThrow(expect.objectContaining({ code: 'SESSION_STATE' }));
    await expect(session.regenerate()).rejects.toMatchObject({ code: 'SESSION_STATE' });
  });
});

describe('time', () => {
  it('touches no more often than touchAfterMs', async () => {
    const { sessions, clock, calls } = setUp({ idleTimeoutMs: 30 * minuteMs, touchAfterMs: minuteMs });
    const { token } = await stored(sessions);
    calls.length = 0;
    const visit = async () => (await sessions.open(token)).save();
    clock.now += minuteMs - 1;
    await visit();
    expect(calls).toEqual(['load']);
    clock.now += 1;
    await visit();
    expect(calls).toEqual(['load', 'load', 'update']);
    await visit();
    expect(calls).toEqual(['load', 'load', 'update', 'load']);
  });

  it('tells whether a touch is due', async () => {
    const { sessions, clock } = setUp({ idleTimeoutMs: 30 * minuteMs, touchAfterMs: minuteMs });
    const { token } = await stored(sessions);
    clock.now += minuteMs - 1;
    const session = await sessions.open(token);
    expect(session.needsSave).toBe(false);
    clock.now += 1;
    expect([session.isChanged, session.needsSave]).toEqual([false, true]);
    await session.save();
    expect(session.needsSave).toBe(false);
  });

  it('ends after the idle timeout, counted from the last use', async () => {
    const { sessions, clock } = setUp({ idleTimeoutMs: 30 * minuteMs });
    const { token } = await stored(sessions);
    for (let visit = 0; visit < 5; visit += 1) {
      clock.now += 29 * minuteMs;
      const session = await sessions.open(token);
      expect(session.isNew).toBe(false);
      await session.save();
    }
    clock.now += 30 * minuteMs;
    expect((await sessions.open(token)).isNew).toBe(true);
  });

  it('ends at the absolute timeout whatever the visitor does, also across a change of token', async () => {
    const { sessions, clock } = setUp({ idleTimeoutMs: 30 * minuteMs, absoluteTimeoutMs: 60 * minuteMs });
    const session = await stored(sessions);
    const bornAt = session.createdAt;
    clock.now += 25 * minuteMs;
    await session.regenerate();
    expect(session.createdAt).toBe(bornAt);
    clock.now += 25 * minuteMs;
    const again = await sessions.open(session.token);
    again.data.visits = 2;
    await again.save();
    expect(again.expiresAt).toBe((bornAt ?? 0) + 60 * minuteMs);
    clock.now += 10 * minuteMs - 1;
    expect((await sessions.open(session.token)).isNew).toBe(false);
    clock.now += 1;
    expect((await sessions.open(session.token)).isNew).toBe(true);
  });

  it('holds to a shorter absolute timeout than a record was made under', async () => {
    const { sessions, store, clock } = setUp();
    const { token } = await stored(sessions);
    const stricter = new Sessions({ store, now: () => clock.now, absoluteTimeoutMs: minuteMs });
    clock.now += minuteMs;
    expect((await stricter.open(token)).isNew).toBe(true);
  });

  it('does not take a job for activity of the visitor', async () => {
    const { sessions, clock, store } = setUp({ idleTimeoutMs: 30 * minuteMs });
    const { id, expiresAt } = await stored(sessions);
    const before = await store.load(id);
    clock.now += 10 * minuteMs;
    await sessions.transact(id, () => {});
    await sessions.transact(id, (session) => {
      session.data.flagged = true;
    });
    expect(await store.load(id)).toMatchObject({ expiresAt, revision: Number(before?.revision) + 1 });
  });

  it('does not let a job take back a touch', async () => {
    const { sessions, clock, store } = setUp({ idleTimeoutMs: 30 * minuteMs });
    const { id } = await stored(sessions);
    clock.now += 10 * minuteMs;
    await sessions.transact(id, async (session) => {
      await store.touch(id, clock.now + 30 * minuteMs);
      session.data.flagged = true;
    });
    expect((await store.load(id))?.expiresAt).toBe(clock.now + 30 * minuteMs);
  });

  it('does not let a job take back what a visit prolonged, nor run again for it', async () => {
    const { sessions, clock, store } = setUp({ idleTimeoutMs: 30 * minuteMs });
    const { id, token } = await stored(sessions);
    clock.now += 10 * minuteMs;
    let runs = 0;
    await sessions.transact(id, async (session) => {
      runs += 1;
      await (await sessions.open(token)).save();
      session.data.flagged = true;
    });
    expect(runs).toBe(1);
    expect((await store.load(id))?.expiresAt).toBe(clock.now + 30 * minuteMs);
  });

  it.each([
    { idleTimeoutMs: 0 },
    { idleTimeoutMs: Number.NaN },
    { absoluteTimeoutMs: -1 },
    { idleTimeoutMs: 1_000, touchAfterMs: 1_000 },
    { maxDataBytes: 0 },
    { maxDataBytes: 2_000_000 },
    { onConflict: 'ignore' },
  ])('refuses settings that cannot work: %j', (options) => {
    expect(() => setUp(options)).toThrow(TypeError);
  });
});
