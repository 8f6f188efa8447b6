import { createSession } from 'react-router';
import { describe, expect, test } from 'vitest';
import { createStetSessionStorage } from '../src/react-router.ts';
import { stores } from './support/stores.ts';

describe.each(stores)('over %s', (_, open) => {
  const openStorage = async () => createStetSessionStorage({ store: await open(), cookie: { secrets: ['s'] } });

  test('a session is kept, found, changed and ended', async () => {
    const { getSession, commitSession, destroySession } = await openStorage();
    const cookie = await commitSession(createSession({ user: 'u', text: 'naïve ☃ 🂡\0', nested: { list: [1, null] } }));
    const session = await getSession(cookie);
    expect(session.data).toEqual({ user: 'u', text: 'naïve ☃ 🂡\0', nested: { list: [1, null] } });
    session.unset('text');
    session.set('user', 'v');
    await commitSession(session);
    const again = await getSession(cookie);
    expect([again.id, again.data]).toEqual([session.id, { user: 'v', nested: { list: [1, null] } }]);
    await destroySession(again);
    expect((await getSession(cookie)).data).toEqual({});
  });

  test('commits that overlap come together by key, one after a logout creates nothing', async () => {
    const { getSession, commitSession, destroySession } = await openStorage();
    const begun = await getSession();
    begun.set('a', 1);
    begun.flash('notice', 'saved');
    const cookie = await commitSession(begun);
    const sessions = await Promise.all(Array.from({ length: 10 }, () => getSession(cookie)));
    const [first, ...others] = sessions;
    expect(first?.get('notice')).toBe('saved');
    for (const [n, session] of others.entries()) session.set(`k${n}`, n);
    await Promise.all(sessions.map((session) => commitSession(session)));
    expect((await getSession(cookie)).data).toEqual(
      Object.fromEntries([['a', 1], ...others.map((_, n) => [`k${n}`, n])]),
    );
    await destroySession(await getSession(cookie));
    for (const session of others) session.set('late', true);
    const late = await Promise.allSettled(others.map((session) => commitSession(session)));
    const gone = expect.objectContaining({
      status: 'rejected',
      reason: expect.objectContaining({ code: 'SESSION_GONE' }),
    });
    expect(late).toEqual(others.map(() => gone));
    expect((await getSession(cookie)).id).toBe('');
  });
});
