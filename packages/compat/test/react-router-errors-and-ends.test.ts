import { idOf } from '@stet/core';
import { describe, expect, test } from 'vitest';
import { minuteMs } from './support/observed-memory.ts';
import { setUp } from './support/react-router-storage.ts';

describe('a failing store', () => {
  const unavailable = { code: 'STORE_UNAVAILABLE' };

  test('is an error and never an empty session', async () => {
    const { getSession, begun, failing } = setUp();
    const cookie = await begun();
    failing.add('load');
    await expect(getSession(cookie)).rejects.toMatchObject(unavailable);
  });

  test('fails the commit, which may be tried again', async () => {
    const { getSession, commitSession, failing, data, records } = setUp();
    const session = await getSession();
    session.set('a', 1);
    failing.add('create').add('update');
    await expect(commitSession(session)).rejects.toMatchObject(unavailable);
    expect(await records()).toEqual([]);
    failing.clear();
    const cookie = await commitSession(session);
    session.set('b', 1);
    failing.add('update');
    await expect(commitSession(session)).rejects.toMatchObject(unavailable);
    failing.clear();
    await commitSession(session);
    expect(await data(cookie)).toEqual({ a: 1, b: 1 });
    expect(await records()).toHaveLength(1);
  });

  test('fails the end of a session, which goes on', async () => {
    const { getSession, destroySession, begun, failing, data } = setUp();
    const cookie = await begun();
    failing.add('delete');
    await expect(destroySession(await getSession(cookie))).rejects.toMatchObject(unavailable);
    expect(await data(cookie)).toEqual({ user: 'u' });
  });

  test('and a record that cannot be read are told apart', async () => {
    const { getSession, begun, memory } = setUp();
    const cookie = await begun();
    const id = idOf((await getSession(cookie)).id);
    const record = await memory.load(id);
    if (record) await memory.update(id, record, { ...record, data: 'not JSON' });
    await expect(getSession(cookie)).rejects.toMatchObject({ code: 'STORE_CORRUPT_RECORD' });
  });
});

describe('a session lives', () => {
  test.each([
    ['a day where nobody says', {}, undefined, 1440],
    ['for ttlMs', { ttlMs: 5 * minuteMs }, undefined, 5],
    ['for the maxAge of the cookie', { cookie: { maxAge: 600, secrets: ['s'] } }, undefined, 10],
    ['for the maxAge of the commit', { cookie: { maxAge: 600, secrets: ['s'] } }, { maxAge: 1200 }, 20],
    [
      'until the commit says',
      { cookie: { maxAge: 600, secrets: ['s'] } },
      { expires: new Date(Date.now() + 30 * minuteMs) },
      30,
    ],
  ])('%s', async (_, options, commit, minutes) => {
    const { getSession, commitSession, minutesLeft } = setUp(options);
    await commitSession(await getSession(), commit);
    expect(await minutesLeft()).toEqual([minutes]);
  });

  test('no longer once it is committed with an end that has passed', async () => {
    const { getSession, commitSession, begun, data } = setUp();
    const cookie = await begun();
    await commitSession(await getSession(cookie), { maxAge: 0 });
    expect(await data(cookie)).toEqual({});
    const again = await begun();
    await commitSession(await getSession(again), { expires: new Date(-1) });
    expect(await data(again)).toEqual({});
  });

  test('on with each commit, of which one that changed nothing writes at most once a minute', async () => {
    const { getSession, commitSession, begun, calls, pass, minutesLeft } = setUp({ ttlMs: 60 * minuteMs });
    const cookie = await begun();
    pass(minuteMs / 2);
    await commitSession(await getSession(cookie));
    expect(calls).toEqual(['load']);
    pass(minuteMs);
    const [due, late] = [await getSession(cookie), await getSession(cookie)];
    await commitSession(due);
    expect([calls.slice(1), await minutesLeft()]).toEqual([['load', 'load', 'touch'], [60]]);
    pass(60 * minuteMs);
    await commitSession(late);
    expect(await minutesLeft()).toEqual([]);
  });

  test('for a whole number of milliseconds', () => {
    for (const ttlMs of [0, -1, 0.5, Number.NaN]) expect(() => setUp({ ttlMs })).toThrow(TypeError);
  });
});
