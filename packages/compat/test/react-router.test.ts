import { generateToken, idOf } from '@stet/core';
import { createCookie, createSession, type Session, type SessionStorage } from 'react-router';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { createStetSessionStorage } from '../src/react-router.ts';
import { gone, setUp } from './support/react-router-storage.ts';

describe('a session', () => {
  test('begins without the store, and is created by its first commit under an id that nobody can guess', async () => {
    const { getSession, commitSession, calls, memory } = setUp();
    const session = await getSession();
    session.set('user', 'u');
    expect([session.id, calls]).toEqual(['', []]);
    const again = await getSession(await commitSession(session));
    expect(calls).toEqual(['create', 'load']);
    expect(again.id).toMatch(/^[\w-]{43}$/);
    expect([again.get('user'), again.data]).toEqual(['u', { user: 'u' }]);
    expect(await memory.load(idOf(again.id))).toMatchObject({ data: '{"user":"u"}' });
  });

  test('saves nothing that is not committed, and is read without a write', async () => {
    const { getSession, begun, data, calls } = setUp();
    const cookie = await begun({ user: 'u', nested: { n: 1 } });
    const session = await getSession(cookie);
    session.set('user', 'v');
    session.get('nested').n = 2;
    expect(await data(cookie)).toEqual({ user: 'u', nested: { n: 1 } });
    expect(calls).toEqual(['load', 'load']);
  });

  test('that begins and is committed twice is one session', async () => {
    const { getSession, commitSession, destroySession, records, data } = setUp();
    const session = await getSession();
    session.set('a', 1);
    const cookie = await commitSession(session);
    session.set('b', 1);
    expect(await commitSession(session)).toBe(cookie);
    expect(await data(cookie)).toEqual({ a: 1, b: 1 });
    await destroySession(session);
    expect(await records()).toEqual([]);
  });

  test('is refused where a value cannot be kept', async () => {
    const { getSession, commitSession, records } = setUp();
    const session = await getSession();
    session.set('n', 1n);
    await expect(commitSession(session)).rejects.toThrow(
      new TypeError('The session\'s "n" cannot be kept: it is a bigint, which JSON does not have.'),
    );
    expect(await records()).toEqual([]);
  });
});

describe('commits that overlap', () => {
  test('keep what each of them changed, added or removed', async () => {
    const { getSession, commitSession, begun, data } = setUp();
    const cookie = await begun({ a: 1, b: { n: 1 }, c: 1, d: 1 });
    const [one, two] = [await getSession(cookie), await getSession(cookie)];
    one.get('b').n = 2;
    one.set('e', 1);
    one.unset('c');
    two.set('a', 2);
    two.unset('d');
    await Promise.all([commitSession(one), commitSession(two)]);
    expect(await data(cookie)).toEqual({ a: 2, b: { n: 2 }, e: 1 });
  });

  test('of one request, before and after another, undo nothing of the other', async () => {
    const { getSession, commitSession, begun, data } = setUp();
    const cookie = await begun({ a: 1, b: 1 });
    const [one, two] = [await getSession(cookie), await getSession(cookie)];
    one.set('c', 1);
    await commitSession(one);
    two.set('a', 2);
    two.unset('b');
    await commitSession(two);
    one.set('d', 1);
    await commitSession(one);
    expect(await data(cookie)).toEqual({ a: 2, c: 1, d: 1 });
  });

  test('know the session also where the application wraps it', async () => {
    const { getSession, commitSession, begun, data } = setUp();
    const cookie = await begun({ a: 1 });
    const [one, two] = [await getSession(cookie), await getSession(cookie)];
    one.set('b', 1);
    two.set('a', 2);
    const wrapper = Object.create(one, { get: { value: () => 'wrapped' } }) as Session;
    await commitSession(two);
    await commitSession(wrapper);
    expect(await data(cookie)).toEqual({ a: 2, b: 1 });
  });
});

describe('a flash message', () => {
  test('that was read is gone with the commit, and one that was not stays', async () => {
    const { getSession, commitSession, data } = setUp();
    const session = await getSession();
    session.flash('notice', 'saved');
    session.flash('error', 'late');
    const cookie = await commitSession(session);
    const reading = await getSession(cookie);
    expect([reading.get('notice'), reading.get('notice')]).toEqual(['saved', undefined]);
    expect((await getSession(cookie)).has('notice')).toBe(true);
    await commitSession(reading);
    expect(await data(cookie)).toEqual({ __flash_error__: 'late' });
  });

  test('that was read does not come back with the commit of a request that overlapped', async () => {
    const { getSession, commitSession, data } = setUp();
    const session = await getSession();
    session.flash('notice', 'saved');
    const cookie = await commitSession(session);
    const [reading, other] = [await getSession(cookie), await getSession(cookie)];
    reading.get('notice');
    other.set('a', 1);
    await commitSession(reading);
    await commitSession(other);
    expect(await data(cookie)).toEqual({ a: 1 });
  });
});

describe('the end of a session', () => {
  test('takes the cookie away, and no later commit brings the session back', async () => {
    const { getSession, commitSession, destroySession, begun, records } = setUp();
    const cookie = await begun();
    const [mine, late] = [await getSession(cookie), await getSession(cookie)];
    expect(await destroySession(mine)).toMatch(/^__session=; .*Expires=Thu, 01 Jan 1970/);
    mine.set('a', 1);
    late.set('a', 1);
    await expect(commitSession(mine)).rejects.toMatchObject(gone);
    await expect(commitSession(late)).rejects.toMatchObject(gone);
    expect(await records()).toEqual([]);
  });

  test('asks nothing of the store where the session is new', async () => {
    const { getSession, destroySession, calls } = setUp();
    await destroySession(await getSession());
    expect(calls).toEqual([]);
  });

  test.each([
    [
      'of a session that has ended',
      async (cookie: string, end: () => Promise<unknown>) => {
        await end();
        return cookie;
      },
    ],
    ['of no session', () => createCookie('__session', { secrets: ['s'] }).serialize(generateToken())],
    ['that is not text', () => createCookie('__session', { secrets: ['s'] }).serialize({ id: 1 })],
    ['that is not well-formed', () => createCookie('__session', { secrets: ['s'] }).serialize('\ud800')],
    ['that is empty', () => '__session='],
    ['that others signed', () => createCookie('__session', { secrets: ['other'] }).serialize(generateToken())],
    [
      'with the id in the store',
      (_: string, __: unknown, id: string) => createCookie('__session', { secrets: ['s'] }).serialize(id),
    ],
  ])('a cookie %s is not adopted', async (_, cookieOf) => {
    const { getSession, commitSession, destroySession, begun, memory, records } = setUp();
    const cookie = await begun();
    const known = (await getSession(cookie)).id;
    const sent = await cookieOf(cookie, async () => destroySession(await getSession(cookie)), idOf(known));
    const session = await getSession(sent);
    expect([session.id, session.data]).toEqual(['', {}]);
    session.set('a', 1);
    const { id } = await getSession(await commitSession(session));
    expect(id).toMatch(/^[\w-]{43}$/);
    expect(sent).not.toContain(id);
    expect(id).not.toBe(known);
    expect(await memory.load(idOf(id))).toMatchObject({ data: '{"a":1}' });
    expect((await records()).length).toBeLessThanOrEqual(2);
  });
});

describe('data of the application’s own making', () => {
  test('becomes a new session, or the whole of one that there is', async () => {
    const { getSession, commitSession, begun, data } = setUp();
    expect(await data(await commitSession(createSession({ a: 1 })))).toEqual({ a: 1 });
    const cookie = await begun({ a: 1, b: 1 });
    const { id } = await getSession(cookie);
    await commitSession(createSession({ c: 1 }, id));
    expect(await data(cookie)).toEqual({ c: 1 });
  });

  test('creates none under an id that it brings', async () => {
    const { commitSession, records } = setUp();
    await expect(commitSession(createSession({ a: 1 }, generateToken()))).rejects.toMatchObject(gone);
    expect(await records()).toEqual([]);
  });
});

test('the types are those of the host', () => {
  interface Data {
    user: string;
  }
  interface Flash {
    error: string;
  }
  expectTypeOf(createStetSessionStorage<Data, Flash>).returns.toEqualTypeOf<SessionStorage<Data, Flash>>();
  expectTypeOf(setUp().getSession).toEqualTypeOf<SessionStorage['getSession']>();
  // @ts-expect-error
  createStetSessionStorage satisfies (options: { cookie: string }) => unknown;
});
