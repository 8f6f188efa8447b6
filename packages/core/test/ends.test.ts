import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { MemoryStore, type SessionStore, Sessions, StoreError } from '@stet/core';
import { describe, expect, it, onTestFinished } from 'vitest';

interface Data {
  cart?: string[];
  flash?: string;
  [key: string]: unknown;
}

const minuteMs = 60_000;

function setUp(options: object = {}) {
  const clock = { now: 1_700_000_000_000 };
  const now = () => clock.now;
  const store = new MemoryStore({ now });
  return { clock, now, store, sessions: new Sessions<Data>({ store, now, ...options }) };
}

async function stored(sessions: Sessions<Data>, subject?: string) {
  const session = await sessions.open();
  session.data.cart = ['pen'];
  session.subject = subject;
  await session.save();
  return session;
}

/** The store, but for what one of its methods does. */
function storeThat(store: SessionStore, methods: Partial<SessionStore>): SessionStore {
  return new Proxy(store, {
    get: (target, name) => {
      const member = Reflect.get(methods, name) ?? Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

describe('a session that this request does not have any more', () => {
  it('was ended by it, was found to be gone, or was found to have moved: three states', async () => {
    const { sessions, clock } = setUp();
    const { token } = await stored(sessions);
    const [leaving, late, idle] = await Promise.all([0, 1, 2].map(() => sessions.open(token)));
    if (!leaving || !late || !idle) return expect.fail('there are three');
    await leaving.destroy();
    late.data.late = true;
    await expect(late.save()).rejects.toMatchObject({ code: 'SESSION_GONE', status: 409, statusCode: 409 });
    clock.now += 2 * minuteMs;
    await idle.commit();
    expect([leaving, late, idle].map(({ state, hasEndedOne }) => [state, hasEndedOne])).toEqual([
      ['ended', true],
      ['gone', false],
      ['gone', false],
    ]);

    const { token: second } = await stored(sessions);
    const [moving, behind] = await Promise.all([sessions.open(second), sessions.open(second)]);
    await moving.regenerate();
    behind.data.late = true;
    await expect(behind.save()).rejects.toMatchObject({ code: 'SESSION_GONE' });
    expect([behind.state, behind.token, behind.hasEndedOne]).toEqual(['moved', null, false]);
    expect([moving.state, moving.hasEndedOne]).toEqual(['stored', false]);
  });

  it('does not prolong the marker that it has left', async () => {
    const { sessions, clock, store } = setUp();
    const { token, id } = await stored(sessions);
    const [moving, late] = await Promise.all([sessions.open(token), sessions.open(token)]);
    clock.now += 2 * minuteMs;
    await moving.regenerate();
    const { expiresAt } = (await store.load(id)) ?? {};
    await late.save();
    expect((await store.load(id))?.expiresAt).toBe(expiresAt);
    expect([late.state, late.token]).toEqual(['moved', null]);
  });

  it('is ended by its destroy wherever it has moved to', async () => {
    const { sessions } = setUp();
    const { token } = await stored(sessions);
    const [moving, leaving] = await Promise.all([sessions.open(token), sessions.open(token)]);
    await moving.regenerate();
    leaving.data.late = true;
    await expect(leaving.save()).rejects.toMatchObject({ code: 'SESSION_GONE' });
    await leaving.destroy();
    expect([leaving.state, leaving.hasEndedOne]).toEqual(['ended', true]);
    expect((await sessions.open(moving.token)).isNew).toBe(true);
  });
});

describe('another session that begins under the same id', () => {
  async function replaced() {
    const { sessions, store, clock } = setUp();
    const session = await stored(sessions, 'user-7');
    await store.delete(session.id);
    clock.now += 1;
    const draft = { data: '{"cart":["their own"]}', expiresAt: clock.now + 60_000, subject: 'user-7' };
    const other = await store.create(session.id, draft);
    return { session, store, other };
  }

  it('gets nothing of what was changed in the one before', async () => {
    const { session, store, other } = await replaced();
    session.data.secret = 'of the one before';
    await expect(session.save()).rejects.toMatchObject({ code: 'SESSION_GONE' });
    expect(await store.load(session.id)).toEqual(other);
  });

  it('is not moved by a rotation of the one before, nor ended by its logout', async () => {
    const rotated = await replaced();
    await expect(rotated.session.regenerate()).rejects.toMatchObject({ code: 'SESSION_GONE' });
    expect(await rotated.store.load(rotated.session.id)).toEqual(rotated.other);
    const { session, store, other } = await replaced();
    await session.destroy();
    expect(session.state).toBe('gone');
    expect(await store.load(session.id)).toEqual(other);
  });
});

describe('destroying', () => {
  it('is over for this request, also where not everybody could be told', async () => {
    const { sessions, store, now } = setUp();
    const { token } = await stored(sessions);
    const failure = new StoreError('STORE_AMBIGUOUS', 'The front could not be told.');
    const half = storeThat(store, {
      delete: async (id) => {
        await store.delete(id);
        throw failure;
      },
    });
    const session = await new Sessions<Data>({ store: half, now }).open(token);
    await expect(session.destroy()).rejects.toBe(failure);
    expect([session.state, session.hasEndedOne]).toEqual(['ended', true]);
    expect(() => session.data.cart?.push('ink')).toThrow(expect.objectContaining({ code: 'SESSION_STATE' }));
    await expect(session.save()).rejects.toMatchObject({ code: 'SESSION_GONE' });
    expect(session.commit()).toBeUndefined();
  });

  it('can be tried again where the store was away', async () => {
    const { sessions, store, now } = setUp();
    const { token } = await stored(sessions);
    let isAway = true;
    const failure = new StoreError('STORE_UNAVAILABLE', 'away');
    const flaky = storeThat(store, {
      update: (...args) => (isAway ? Promise.reject(failure) : store.update(...args)),
    });
    const session = await new Sessions<Data>({ store: flaky, now }).open(token);
    await expect(session.destroy()).rejects.toBe(failure);
    expect(session.state).toBe('stored');
    isAway = false;
    await session.destroy();
    expect((await sessions.open(token)).isNew).toBe(true);
  });

  it('in a job gives the job’s result', async () => {
    const { sessions } = setUp();
    const { id, token } = await stored(sessions);
    const result = await sessions.transact(id, async (session) => {
      await session.destroy();
      return 'banned';
    });
    expect(result).toBe('banned');
    expect((await sessions.open(token)).isNew).toBe(true);
  });

  it('finds a session that has moved more often than anybody would', async () => {
    const { sessions } = setUp();
    const { token } = await stored(sessions);
    const leaving = await sessions.open(token);
    const moving = await sessions.open(token);
    for (let moves = 0; moves < 8; moves += 1) await moving.regenerate();
    await expect(leaving.destroy()).resolves.toBeUndefined();
    expect((await sessions.open(moving.token)).isNew).toBe(true);
  });
});

describe('resetting', () => {
  it('ends the session, and goes on with an empty one under another token', async () => {
    const { sessions, store } = setUp();
    const { token, id } = await stored(sessions, 'ann');
    const session = await sessions.open(token);
    const { data } = session;
    session.data.cart = ['unsaved'];
    await session.reset();
    expect([session.state, session.hasEndedOne, session.subject, { ...session.data }]).toEqual([
      'new',
      true,
      undefined,
      {},
    ]);
    expect(() => {
      data.cart = ['lost'];
    }).toThrow(TypeError);
    session.data.flash = 'You have signed out.';
    await session.save();
    expect([session.token === token, await store.load(id)]).toEqual([false, null]);
    expect((await sessions.open(token)).isNew).toBe(true);
    expect({ ...(await sessions.open(session.token)).data }).toEqual({ flash: 'You have signed out.' });
  });

  it('goes on where the session had ended already, or was never stored', async () => {
    const { sessions } = setUp();
    const { token, id } = await stored(sessions);
    const session = await sessions.open(token);
    await sessions.revoke(id);
    await session.reset();
    expect([session.state, session.hasEndedOne]).toEqual(['new', false]);
    session.data.flash = 'Bye.';
    await session.reset();
    expect({ ...session.data }).toEqual({});
  });
});

describe('revoking a subject', () => {
  it('goes on where one cannot be ended, and reports all that went wrong', async () => {
    const { sessions, store, now } = setUp();
    const visitors = await Promise.all(Array.from({ length: 4 }, () => stored(sessions, 'ann')));
    const broken = visitors.slice(0, 2).map(({ id }) => id);
    const failure = new StoreError('STORE_UNAVAILABLE', 'away');
    const flaky = storeThat(store, {
      update: (id, ...rest) => (broken.includes(id) ? Promise.reject(failure) : store.update(id, ...rest)),
    });
    await expect(new Sessions({ store: flaky, now }).revokeSubject('ann')).rejects.toMatchObject({
      code: 'SESSION_NOT_REVOKED',
      status: 503,
      revoked: 2,
      errors: [failure, failure],
    });
    expect((await sessions.bySubject('ann')).map(({ id }) => id).toSorted()).toEqual(broken.toSorted());
  });
});

describe('a new session whose id is taken', () => {
  it('tries another one', async () => {
    const { sessions, store } = setUp();
    const session = await sessions.open();
    session.data.cart = ['pen'];
    const { id } = session;
    await store.create(id, { data: '{}', expiresAt: 1_800_000_000_000 });
    await session.save();
    expect(session.id).not.toBe(id);
    expect((await sessions.open(session.token)).data.cart).toEqual(['pen']);
    expect((await store.load(id))?.data).toBe('{}');
  });

  it('gives up where all are', async () => {
    const { store, now } = setUp();
    const full = storeThat(store, { create: async () => null });
    const session = await new Sessions<Data>({ store: full, now }).open();
    session.data.cart = ['pen'];
    await expect(session.save()).rejects.toMatchObject({ code: 'SESSION_CONFLICT' });
  });
});

describe('the channel stet:session-ended', () => {
  it('says which session ended and why, and nothing else', async () => {
    const { sessions, store, clock, now } = setUp({ maxSessionsPerSubject: 1, absoluteTimeoutMs: 60 * minuteMs });
    const told: unknown[] = [];
    const listener = (message: unknown) => told.push(message);
    subscribe('stet:session-ended', listener);
    onTestFinished(() => void unsubscribe('stet:session-ended', listener));
    const one = await stored(sessions);
    await one.destroy();
    const two = await stored(sessions);
    const twoId = two.id;
    await two.reset();
    const three = await stored(sessions);
    await sessions.revoke(three.id);
    const four = await stored(sessions, 'ann');
    const five = await stored(sessions, 'ann');
    await sessions.revokeSubject('ann');
    expect(told).toEqual([
      { id: one.id, reason: 'destroyed' },
      { id: twoId, reason: 'reset' },
      { id: three.id, reason: 'revoked' },
      { id: four.id, reason: 'surplus' },
      { id: five.id, reason: 'subject-revoked' },
    ]);
    const six = await stored(sessions);
    clock.now += 29 * minuteMs;
    await new Sessions({ store, now, absoluteTimeoutMs: minuteMs }).open(six.token);
    expect(told.slice(5)).toEqual([{ id: six.id, reason: 'expired' }]);
  });
});
