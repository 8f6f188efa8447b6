import { isSessionError, MemoryStore, type Session, type SessionStore, Sessions } from '@stet/core';
import fc, { type Scheduler } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scheduledStore } from './scheduled-store.ts';

interface Data {
  [key: string]: unknown;
  n?: number;
}

interface Race {
  /** Sessions as the test sees them, without delays. */
  readonly quiet: Sessions<Data>;
  /** One process each, over the same store, scheduled. */
  readonly left: Sessions<Data>;
  readonly right: Sessions<Data>;
  /** The scheduled store that both share. */
  readonly scheduled: SessionStore;
  /** A stored session. */
  readonly visitor: Session<Data>;
}

const runs = Number(process.env.STET_RACE_RUNS ?? 300);

/** Runs the race under many schedules. What it returns is awaited first, then `outcome` is checked. */
function underAnySchedule<T>(
  race: (race: Race) => Promise<T>,
  outcome: (race: Race, result: T) => Promise<void>,
): Promise<void> {
  return fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler: Scheduler) => {
      const store = new MemoryStore();
      const scheduled = scheduledStore(scheduler, store);
      const quiet = new Sessions<Data>({ store });
      const visitor = await quiet.open();
      visitor.data.n = 0;
      visitor.subject = 'user-7';
      await visitor.save();
      const [left, right] = [new Sessions<Data>({ store: scheduled }), new Sessions<Data>({ store: scheduled })];
      const set = { scheduled, quiet, left, right, visitor };
      await outcome(set, await scheduler.waitFor(race(set)));
    }),
    { numRuns: runs },
  );
}

/** The code of the session error that a call rejected with, or `'saved'`. */
async function ending(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'saved';
  } catch (error) {
    if (isSessionError(error)) return error.code;
    throw error;
  }
}

const both = <T>(left: Promise<T>, right: Promise<T>) => Promise.all([left, right]);

describe('two requests at once', () => {
  it('keep both their keys', () =>
    underAnySchedule(
      ({ left, right, visitor }) =>
        both(
          left.open(visitor.token).then(async (session) => {
            session.data.a = 1;
            await session.save();
          }),
          right.open(visitor.token).then(async (session) => {
            session.data.b = 2;
            await session.save();
          }),
        ),
      async ({ quiet, visitor }) => {
        expect({ ...(await quiet.open(visitor.token)).data }).toEqual({ n: 0, a: 1, b: 2 });
      },
    ));

  it('count exactly, also together with a job', () =>
    underAnySchedule(
      async ({ left, right, visitor }) => {
        const increment = async (sessions: Sessions<Data>) => {
          const session = await sessions.open(visitor.token);
          session.update('n', (n) => (n ?? 0) + 1);
          await session.save();
        };
        const job = right.transact(visitor.id, (session) => {
          session.data.n = (session.data.n ?? 0) + 1;
        });
        await Promise.all([increment(left), increment(right), increment(left), job]);
      },
      async ({ quiet, visitor }) => {
        expect((await quiet.open(visitor.token)).data.n).toBe(4);
      },
    ));
});

describe('a logout', () => {
  it.each(['destroy', 'revoke', 'revokeSubject'] as const)(
    'by %s stands against a save under way, which learns of it',
    (how) =>
      underAnySchedule(
        ({ left, right, visitor }) =>
          both(
            left.open(visitor.token).then(async (session) => {
              if (session.isNew) return 'opened too late';
              session.data.a = 1;
              return ending(session.save());
            }),
            logOut(right, visitor, how),
          ),
        async ({ quiet, visitor }, [save]) => {
          expect((await quiet.open(visitor.token)).isNew).toBe(true);
          expect(await quiet.bySubject('user-7')).toEqual([]);
          expect(['saved', 'SESSION_GONE', 'opened too late']).toContain(save);
        },
      ),
  );

  it.each([
    { how: 'destroy', graceMs: 0 },
    { how: 'destroy', graceMs: 10_000 },
    { how: 'revoke', graceMs: 0 },
    { how: 'revoke', graceMs: 10_000 },
    { how: 'revokeSubject', graceMs: 0 },
    { how: 'revokeSubject', graceMs: 10_000 },
  ] as const)(
    'by $how leaves nothing of a session that is changing its token (grace $graceMs ms)',
    ({ how, graceMs }) =>
      underAnySchedule(
        async ({ left, right, visitor }) => {
          const [rotating, leaving] = await both(left.open(visitor.token), right.open(visitor.token));
          const logout = how === 'destroy' ? leaving.destroy() : logOut(right, visitor, how);
          await both<unknown>(ending(rotating.regenerate({ graceMs })), logout);
          return rotating.token;
        },
        async ({ quiet, visitor }, token) => {
          expect((await quiet.open(visitor.token)).isNew).toBe(true);
          expect((await quiet.open(token)).isNew).toBe(true);
          expect(await quiet.bySubject('user-7')).toEqual([]);
        },
      ),
  );

  it('stands against a touch under way', () =>
    underAnySchedule(
      async ({ scheduled, right, visitor }) => {
        const later = new Sessions<Data>({ store: scheduled, now: () => Date.now() + 120_000 });
        const touching = later.open(visitor.token).then((session) => session.save());
        await both(
          touching,
          logOut(right, visitor, 'destroy').then(() => {}),
        );
      },
      async ({ quiet, visitor }) => {
        expect((await quiet.open(visitor.token)).isNew).toBe(true);
      },
    ));
});

async function logOut(
  sessions: Sessions<Data>,
  visitor: Session<Data>,
  how: 'destroy' | 'revoke' | 'revokeSubject',
): Promise<string> {
  if (how === 'destroy') await (await sessions.open(visitor.token)).destroy();
  else if (how === 'revoke') await sessions.revoke(visitor.id);
  else await sessions.revokeSubject('user-7');
  return 'out';
}

describe('a change of token', () => {
  it('at a login has one winner of two, kills the old token at once, and leaves one session', () =>
    underAnySchedule(
      async ({ left, right, visitor }) => {
        const sessions = await both(left.open(visitor.token), right.open(visitor.token));
        const endings = await both(
          ...(sessions.map((session) => ending(session.regenerate())) as [Promise<string>, Promise<string>]),
        );
        return { endings, tokens: sessions.map(({ token }) => token) };
      },
      async ({ quiet, visitor }, { endings, tokens }) => {
        expect(endings.toSorted()).toEqual(['SESSION_GONE', 'saved']);
        expect((await quiet.open(visitor.token)).isNew).toBe(true);
        const opened = await Promise.all(tokens.map((token) => quiet.open(token)));
        expect(opened.filter(({ isNew }) => !isNew)).toHaveLength(1);
        expect(await quiet.bySubject('user-7')).toHaveLength(1);
      },
    ));

  it('that is periodic hands out one token to two requests, and both keep their changes', () =>
    underAnySchedule(
      async ({ left, right, visitor }) => {
        const sessions = await both(left.open(visitor.token), right.open(visitor.token));
        const rotations = sessions.map(async (session, index) => {
          session.data[`key${index}`] = index;
          await session.regenerate({ graceMs: 10_000 });
          return session.token;
        });
        return Promise.all(rotations);
      },
      async ({ quiet, visitor }, tokens) => {
        const handedOut = tokens.filter((token) => token !== null && token !== visitor.token);
        expect(handedOut).toHaveLength(1);
        const expected = { n: 0, key0: 0, key1: 1 };
        expect({ ...(await quiet.open(handedOut[0])).data }).toEqual(expected);
        const follower = await quiet.open(visitor.token);
        expect({ ...follower.data }).toEqual(expected);
        expect(follower.token).toBeNull();
        expect(await quiet.bySubject('user-7')).toHaveLength(1);
      },
    ));

  it('keeps the save of a request that is still under way, where there is a grace period', () =>
    underAnySchedule(
      async ({ left, right, visitor }) => {
        const [rotating, late] = await both(left.open(visitor.token), right.open(visitor.token));
        late.data.late = true;
        await both(rotating.regenerate({ graceMs: 10_000 }), late.save());
        return rotating.token;
      },
      async ({ quiet }, token) => {
        expect((await quiet.open(token)).data.late).toBe(true);
      },
    ));

  it('at a login takes no save of a request that is still under way after it', () =>
    underAnySchedule(
      async ({ left, right, visitor }) => {
        const [rotating, late] = await both(left.open(visitor.token), right.open(visitor.token));
        rotating.data.user = 'ann';
        late.data.late = true;
        const endings = await both(ending(rotating.regenerate()), ending(late.save()));
        return { endings, token: rotating.token };
      },
      async ({ quiet }, { endings: [rotation, save], token }) => {
        expect(rotation).toBe('saved');
        const { late } = (await quiet.open(token)).data;
        expect([save, late]).toEqual(save === 'saved' ? ['saved', true] : ['SESSION_GONE', undefined]);
      },
    ));
});

describe('a change of hands', () => {
  it('refuses what was changed for the one before', () =>
    underAnySchedule(
      async ({ left, right, visitor }) => {
        const [switching, late] = await both(left.open(visitor.token), right.open(visitor.token));
        switching.subject = 'user-8';
        switching.data.secret = 'of user-8';
        late.data.card = 'of user-7';
        const endings = await both(ending(switching.save()), ending(late.save()));
        return { endings, token: switching.token };
      },
      async ({ quiet, visitor }, { endings: [switched, saved], token }) => {
        const { subject, data } = await quiet.open(token);
        expect(subject).toBe('user-8');
        expect(switched).toBe('saved');
        expect([saved, data.card]).toEqual(saved === 'saved' ? ['saved', 'of user-7'] : ['SESSION_GONE', undefined]);
        expect((await quiet.open(visitor.token)).isNew).toBe(true);
      },
    ));
});
