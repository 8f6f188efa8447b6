import { MemoryStore, Sessions } from '@stet/core';
import { describe, expect, it } from 'vitest';
import { recordingStore } from './recording-store.ts';

interface Data {
  user?: string;
  [key: string]: unknown;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

function setUp(options: object = {}) {
  const clock = { now: 1_700_000_000_000 };
  const now = () => clock.now;
  const recording = recordingStore(new MemoryStore({ now }));
  const sessions = new Sessions<Data>({ store: recording.store, now, ...options });
  return { clock, now, ...recording, sessions };
}

async function stored(sessions: Sessions<Data>) {
  const session = await sessions.open();
  session.data.user = 'guest';
  await session.save();
  return session;
}

describe('a sign-in', () => {
  it('moves the session to a token that nobody knew before, and keeps what was in it', async () => {
    const { sessions, store } = setUp();
    const planted = await stored(sessions);
    const victim = await sessions.open(planted.token);
    victim.subject = 'ann';
    await victim.commit();
    expect(victim.token).not.toBe(planted.token);
    expect((await sessions.open(planted.token)).isNew).toBe(true);
    const signedIn = await sessions.open(victim.token);
    expect([signedIn.subject, { ...signedIn.data }]).toEqual(['ann', { user: 'guest' }]);
    expect(JSON.stringify(await store.load(planted.id))).not.toContain(victim.token);
  });

  it('counts the absolute limit anew; a change of token alone does not', async () => {
    const { sessions, clock } = setUp({ idleTimeoutMs: hourMs, absoluteTimeoutMs: 12 * hourMs });
    const session = await stored(sessions);
    const begun = session.createdAt ?? 0;
    clock.now += 55 * minuteMs;
    await session.regenerate();
    expect(session.createdAt).toBe(begun);
    session.subject = 'ann';
    await session.save();
    expect(session.createdAt).toBe(clock.now);
    for (let visits = 0; visits < 12; visits += 1) {
      clock.now += 59 * minuteMs;
      const visit = await sessions.open(session.token);
      expect(visit.isNew).toBe(false);
      await visit.save();
    }
    clock.now += 13 * minuteMs;
    expect((await sessions.open(session.token)).isNew).toBe(true);
  });

  it('and a sign-out by taking the subject away do it in a new session, too, without a move', async () => {
    const { sessions, calls } = setUp();
    const session = await sessions.open();
    session.subject = 'ann';
    await session.save();
    expect(calls).toEqual(['create']);
    const { token } = session;
    session.subject = undefined;
    await session.save();
    expect(session.token).not.toBe(token);
  });

  it('of a job is refused: it could not tell anybody the token', async () => {
    const { sessions } = setUp();
    const { id } = await stored(sessions);
    const work = sessions.transact(id, (session) => {
      session.subject = 'ann';
    });
    await expect(work).rejects.toMatchObject({ code: 'SESSION_STATE' });
  });

  it('beyond the most that a subject may have ends the session that was not used for the longest time', async () => {
    const { sessions, clock } = setUp({ maxSessionsPerSubject: 2 });
    const signIn = async (subject: string) => {
      const session = await stored(sessions);
      session.subject = subject;
      await session.save();
      clock.now += 2 * minuteMs;
      return session;
    };
    const other = await signIn('bob');
    const [first, second] = [await signIn('ann'), await signIn('ann')];
    await (await sessions.open(first.token)).save();
    const third = await signIn('ann');
    const live = await Promise.all(
      [other, first, second, third].map(async ({ token }) => !(await sessions.open(token)).isNew),
    );
    expect(live).toEqual([true, true, false, true]);
  });
});

describe('a lifetime of its own', () => {
  it('is kept with the session, survives its moves, and leaves the others alone', async () => {
    const { sessions, clock } = setUp({ idleTimeoutMs: 30 * minuteMs, absoluteTimeoutMs: 12 * hourMs });
    const [remembered, other] = [await stored(sessions), await stored(sessions)];
    remembered.lifetime = { idleTimeoutMs: 30 * dayMs, persistent: true };
    await remembered.save();
    await remembered.regenerate();
    remembered.subject = 'ann';
    await remembered.save();
    clock.now += 20 * dayMs;
    expect((await sessions.open(other.token)).isNew).toBe(true);
    const visit = await sessions.open(remembered.token);
    expect(visit.lifetime).toEqual({ idleTimeoutMs: 30 * dayMs, absoluteTimeoutMs: 30 * dayMs, persistent: true });
    expect([visit.isNew, visit.data.user, visit.subject]).toEqual([false, 'guest', 'ann']);
    visit.lifetime = undefined;
    await visit.save();
    expect(visit.lifetime).toEqual({ idleTimeoutMs: 30 * minuteMs, absoluteTimeoutMs: 12 * hourMs });
  });

  it('can be shorter: an administrator’s session', async () => {
    const { sessions, clock } = setUp();
    const session = await stored(sessions);
    session.lifetime = { idleTimeoutMs: 5 * minuteMs, absoluteTimeoutMs: hourMs, persistent: false };
    await session.save();
    clock.now += 5 * minuteMs - 1;
    expect((await sessions.open(session.token)).lifetime.persistent).toBe(false);
    clock.now += 1;
    expect((await sessions.open(session.token)).isNew).toBe(true);
  });

  it('that another request gave the session stays when this one saves', async () => {
    const { sessions } = setUp();
    const { token } = await stored(sessions);
    const [early, late] = await Promise.all([sessions.open(token), sessions.open(token)]);
    early.lifetime = { idleTimeoutMs: hourMs };
    late.data.late = true;
    await early.save();
    await late.save();
    expect((await sessions.open(token)).lifetime.idleTimeoutMs).toBe(hourMs);
  });

  it.each([
    { idleTimeoutMs: 0 },
    { idleTimeoutMs: 2, absoluteTimeoutMs: 1 },
    { persistent: 'yes' },
    { idleTimeout: 1 },
  ])('is refused where it cannot work: %j', async (lifetime) => {
    const session = await stored(setUp().sessions);
    expect(() => {
      session.lifetime = lifetime as object;
    }).toThrow(TypeError);
  });
});

describe('a visit', () => {
  it('that the visitor did not make prolongs nothing; what it changed is saved', async () => {
    const { sessions, clock, calls } = setUp();
    const { token, expiresAt } = await stored(sessions);
    clock.now += 10 * minuteMs;
    calls.length = 0;
    const polling = await sessions.open(token, { rolling: false });
    await polling.commit();
    expect(calls).toEqual(['load']);
    const route = await sessions.open(token);
    route.rolling = false;
    route.data.polled = true;
    await route.commit();
    expect([route.expiresAt, (await sessions.open(token)).data.polled]).toEqual([expiresAt, true]);
  });

  it('that is read-only saves nothing, and refuses changes', async () => {
    const { sessions, clock, calls } = setUp();
    const { token } = await stored(sessions);
    clock.now += 10 * minuteMs;
    calls.length = 0;
    const session = await sessions.open(token, { readOnly: true });
    expect(session.data.user).toBe('guest');
    expect(() => {
      session.data.user = 'ann';
    }).toThrow(expect.objectContaining({ code: 'SESSION_STATE' }));
    await session.save();
    await session.commit();
    expect(calls).toEqual(['load']);
  });

  it('can prolong the session at once', async () => {
    const { sessions, clock, calls } = setUp();
    const { token } = await stored(sessions);
    clock.now += 1;
    calls.length = 0;
    const session = await sessions.open(token, { rolling: false });
    await session.prolong();
    expect(calls).toEqual(['load', 'update']);
    expect(session.expiresAt).toBe(clock.now + 30 * minuteMs);
    clock.now += 1;
    await session.save();
    expect(calls).toEqual(['load', 'update']);
  });

  it('is noted: when the visitor was last seen', async () => {
    const { sessions, clock } = setUp();
    const session = await stored(sessions);
    const seenAt = clock.now;
    expect([(await sessions.open()).lastSeenAt, session.lastSeenAt]).toEqual([undefined, seenAt]);
    clock.now += 10 * minuteMs;
    await sessions.transact(session.id, (job) => {
      job.data.flagged = true;
    });
    expect((await sessions.open(session.token)).lastSeenAt).toBe(seenAt);
    await (await sessions.open(session.token)).commit();
    expect((await sessions.open(session.token)).lastSeenAt).toBe(clock.now);
  });
});

describe('sweeping every so often', () => {
  it('removes what has expired, again and again, until it is stopped', async () => {
    const { sessions, clock, store } = setUp({ idleTimeoutMs: 1_000 });
    const memory = store as MemoryStore;
    const swept: number[] = [];
    const counting = new Proxy(memory, {
      get(target, name) {
        const member = Reflect.get(target, name, target);
        if (name !== 'deleteExpired') return typeof member === 'function' ? member.bind(target) : member;
        return async (...args: []) => {
          swept.push(await target.deleteExpired(...args));
          again.shift()?.();
        };
      },
    });
    const again: Array<() => void> = [];
    const next = () => new Promise<void>((resolve) => again.push(resolve));
    await stored(sessions);
    clock.now += 1_000;
    const stop = new Sessions({ store: counting, now: () => clock.now }).sweepEvery(1);
    await next();
    await stored(sessions);
    clock.now += 1_000;
    await next();
    await next();
    stop();
    expect(swept.filter((count) => count > 0)).toEqual([1, 1]);
  });

  it.each([0, -1, 1.5, Number.NaN, 86_400_001])('refuses an interval of %s', (intervalMs) => {
    expect(() => setUp().sessions.sweepEvery(intervalMs)).toThrow(TypeError);
  });
});
