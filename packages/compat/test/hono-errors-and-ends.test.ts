import type { Operation } from '@stet/visitors';
import { describe, expect, test, vi } from 'vitest';
import { changing, type Handler, setUp } from './support/hono-visits.ts';
import { minuteMs } from './support/observed-memory.ts';

describe('a failing store', () => {
  test('is an error and never an empty session', async () => {
    const { visit, begun, failing, errors } = setUp();
    const cookie = await begun();
    failing.add('load');
    expect((await visit(cookie, async (c) => c.json(await c.var.session.get()))).status).toBe(500);
    expect(
      (
        await visit(
          cookie,
          changing((values) => ({ ...values, a: 1 })),
        )
      ).status,
    ).toBe(500);
    expect(errors).toEqual(['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE']);
  });

  test.each<[Operation, Handler]>([
    ['update', changing((values) => ({ ...values, a: 1 }))],
    [
      'delete',
      async (c) => {
        await c.var.session.get();
        c.var.session.delete();
        return c.text('deleted');
      },
    ],
  ])('that cannot %s fails the response, which tells nothing of what did not happen', async (operation, handler) => {
    const { visit, begun, failing, errors, data } = setUp();
    const cookie = await begun();
    failing.add(operation);
    const cancel = vi.fn();
    const response = await visit(cookie, async (c) => {
      await handler(c);
      c.header('Set-Cookie', 'seen=1', { append: true });
      c.header('X-Request', '1');
      return c.body(new ReadableStream({ cancel }), 201, { ETag: '"1"', Location: '/done', 'Content-Length': '7' });
    });
    expect([response.status, await response.text(), errors]).toEqual([500, 'failed', ['STORE_UNAVAILABLE']]);
    expect(Object.fromEntries(response.headers)).toEqual({
      'access-control-allow-origin': '*',
      'content-type': 'text/plain; charset=UTF-8',
      'x-request': '1',
    });
    expect(cancel).toHaveBeenCalled();
    expect(await data(cookie)).toEqual({ user: 'u' });
  });

  test('that cannot extend a session fails the request that only read it', async () => {
    const { visit, begun, failing, errors, pass } = setUp();
    const cookie = await begun();
    pass(2 * minuteMs);
    failing.add('touch');
    const response = await visit(cookie, async (c) => c.json(await c.var.session.get()));
    expect([response.status, errors]).toEqual([500, ['STORE_UNAVAILABLE']]);
  });

  test('that has failed long before the response is ready is no unhandled rejection', async () => {
    const { visit, failing, errors } = setUp();
    failing.add('create');
    const response = await visit(undefined, async (c) => {
      c.get('sessionStorage')?.set('made by the application', { a: 1 });
      await new Promise((resolve) => setTimeout(resolve, 1));
      return c.text('');
    });
    expect([response.status, errors]).toEqual([500, ['STORE_UNAVAILABLE']]);
  });

  test('fails also what the handler fails', async () => {
    const { visit, begun, failing, errors } = setUp();
    const cookie = await begun();
    failing.add('update');
    const response = await visit(cookie, async (c) => {
      await c.var.session.update((values) => ({ ...values, a: 1 }));
      throw new Error('of the handler');
    });
    expect([response.status, errors]).toEqual([500, [new Error('of the handler'), 'STORE_UNAVAILABLE']]);
  });

  test('and a record that cannot be read are told apart', async () => {
    const { visit, begun, memory, records, errors } = setUp();
    const cookie = await begun();
    for (const [id, record] of await records()) await memory.update(id, record, { ...record, data: 'not JSON' });
    expect(
      (
        await visit(
          cookie,
          changing(() => ({ a: 1 })),
        )
      ).status,
    ).toBe(500);
    expect(errors).toEqual(['STORE_CORRUPT_RECORD']);
  });
});

describe('a session lives', () => {
  test.each([
    ['a day where nobody says', {}, 1440],
    ['for ttlMs', { ttlMs: 5 * minuteMs }, 5],
  ])('%s', async (_, options, minutes) => {
    const { begun, minutesLeft } = setUp(options);
    await begun();
    expect(await minutesLeft()).toEqual([minutes]);
  });

  test('on with each request that reads it, which writes at most once a minute', async () => {
    const { begun, data, calls, pass, minutesLeft, records } = setUp({ ttlMs: 60 * minuteMs });
    const cookie = await begun();
    pass(minuteMs / 2);
    await data(cookie);
    expect(calls).toEqual(['load']);
    pass(minuteMs);
    await data(cookie);
    expect([calls, await minutesLeft()]).toEqual([['load', 'load', 'touch'], [60]]);
    pass(60 * minuteMs);
    expect([await data(cookie), await records()]).toEqual([null, []]);
  });

  test('on where it is saved at each use, by one write', async () => {
    const { visit, begun, calls, pass } = setUp({ touchAfterMs: 0 });
    const cookie = await begun();
    pass(1);
    await visit(
      cookie,
      changing((values) => ({ ...values, a: 1 })),
    );
    expect(calls).toEqual(['load', 'update']);
  });

  test('for a whole number of milliseconds', () => {
    for (const ttlMs of [0, -1, 0.5, Number.NaN]) expect(() => setUp({ ttlMs })).toThrow(TypeError);
  });
});
