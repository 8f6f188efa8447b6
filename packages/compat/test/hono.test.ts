import { type Storage, useSession } from '@hono/session';
import { idOf, MemoryStore } from '@stet/core';
import { Gate } from '@stet/visitors';
import { Hono } from 'hono';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { type StetSessionStorageEnv, useStetSessionStorage } from '../src/hono.ts';
import { changing, cookieOf, type Handler, secret, setUp } from './support/hono-visits.ts';

describe('a session', () => {
  test('begins without the store, and is created by its first update', async () => {
    const { visit, calls, data, records } = setUp();
    const nothing = await visit(undefined, async (c) => c.json(await c.var.session.get()));
    expect([await nothing.json(), calls]).toEqual([null, []]);
    const cookie = cookieOf(
      await visit(
        undefined,
        changing(() => ({ user: 'u' })),
      ),
    );
    expect(calls).toEqual(['create']);
    expect(await data(cookie)).toEqual({ user: 'u' });
    expect(await records()).toMatchObject([[expect.stringMatching(/^[0-9a-f]{64}$/), { data: '{"user":"u"}' }]]);
  });

  test('is kept under the hash of the id that the host made', async () => {
    const { visit, begun, memory } = setUp();
    const cookie = await begun();
    let id: string | null = null;
    await visit(cookie, async (c) => {
      await c.var.session.get();
      id = c.var.session.id;
      return c.text('');
    });
    expect(await memory.load(idOf(id ?? ''))).toMatchObject({ data: '{"user":"u"}' });
  });

  test('is loaded once by a request, and read without a write', async () => {
    const { visit, begun, data, calls } = setUp();
    const cookie = await begun({ nested: { n: 1 } });
    await visit(cookie, async (c) => {
      await Promise.all([c.var.session.get(), c.var.session.get()]);
      const session = (await c.var.session.get()) as { nested: { n: number } };
      session.nested.n = 2;
      return c.text('');
    });
    expect(calls.every((call) => call === 'load')).toBe(true);
    expect(await data(cookie)).toEqual({ nested: { n: 1 } });
    calls.length = 0;
    await visit(cookie, async (c) => {
      await c.var.session.get();
      return changing((values) => ({ ...values, a: 1 }))(c);
    });
    expect(calls).toEqual(['load', 'update']);
  });

  test('that has ended gives way to one with an id of its own', async () => {
    const { visit, begun, data, memory, records } = setUp();
    const cookie = await begun();
    for (const [id] of await records()) await memory.delete(id);
    expect(await data(cookie)).toBeNull();
    const next = cookieOf(
      await visit(
        cookie,
        changing(() => ({ a: 1 })),
      ),
    );
    expect([await data(cookie), await data(next)]).toEqual([null, { a: 1 }]);
  });

  test('that is new is not mixed into another one, whatever ids the application makes', async () => {
    const { begun, visit, errors, data } = setUp({}, () => 'always the same');
    const cookie = await begun({ user: 'u' });
    expect(
      (
        await visit(
          undefined,
          changing(() => ({ a: 1 })),
        )
      ).status,
    ).toBe(500);
    expect([errors, await data(cookie)]).toEqual([['SESSION_CONFLICT'], { user: 'u' }]);
  });

  test('whose value cannot be kept is an error, and is not stored', async () => {
    const { visit, errors, records } = setUp();
    const response = await visit(
      undefined,
      changing(() => ({ n: 1n })),
    );
    expect([response.status, response.headers.getSetCookie(), await records()]).toEqual([500, [], []]);
    expect(errors).toEqual([
      new TypeError('The session\'s "n" cannot be kept: it is a bigint, which JSON does not have.'),
    ]);
  });
});

describe('requests that overlap', () => {
  /**
   * Two requests of one session: the first has read it, by `get` or by `update`, when the second one comes and goes.
   */
  async function overlap(first: (inBetween: () => Promise<unknown>) => Handler, second: Handler) {
    const { visit, begun, data } = setUp();
    const cookie = await begun({ a: 1, b: { n: 1 }, c: 1 });
    const response = await visit(
      cookie,
      first(() => visit(cookie, second)),
    );
    expect(response.status).toBe(200);
    return data(cookie);
  }

  test('keep what each of them changed, added or removed', async () => {
    const first =
      (inBetween: () => Promise<unknown>): Handler =>
      async (c) => {
        await c.var.session.update((values) => ({ ...values, b: { n: 2 }, e: 1, c: undefined }));
        await inBetween();
        return c.text('');
      };
    expect(
      await overlap(
        first,
        changing((values) => ({ ...values, a: 2, f: 1 })),
      ),
    ).toEqual({ a: 2, b: { n: 2 }, e: 1, f: 1 });
  });

  test('are compared with what they read first, also where they update with a whole session', async () => {
    const first =
      (inBetween: () => Promise<unknown>): Handler =>
      async (c) => {
        const values = await c.var.session.get();
        await inBetween();
        await c.var.session.update({ ...values, e: 1 });
        return c.text('');
      };
    expect(
      await overlap(
        first,
        changing(() => ({ a: 2, f: 1 })),
      ),
    ).toEqual({ a: 2, e: 1, f: 1 });
  });
});

describe('the end of a session', () => {
  const ending: Handler = async (c) => {
    await c.var.session.get();
    c.var.session.delete();
    return c.text('');
  };

  test('takes the cookie away, and no later save brings the session back', async () => {
    const { visit, begun, errors, records } = setUp();
    const cookie = await begun();
    const late = await visit(cookie, async (c) => {
      await c.var.session.update((values) => ({ ...values, late: true }));
      const ended = await visit(cookie, ending);
      expect(ended.headers.getSetCookie()).toEqual([expect.stringMatching(/^sid=; Max-Age=0/)]);
      return c.text('saved');
    });
    expect([late.status, await late.text(), errors, await records()]).toEqual([500, 'failed', ['SESSION_GONE'], []]);
  });

  test('is not told to a storage where the request has not read it', async () => {
    const { visit, begun, data, calls } = setUp();
    const cookie = await begun();
    const ended = await visit(cookie, (c) => {
      c.var.session.delete();
      return c.text('');
    });
    expect([cookieOf(ended), [...calls], await data(cookie)]).toEqual(['sid=', [], { user: 'u' }]);
  });

  test('is waited for', async () => {
    const { visit, begun, gates, records, data } = setUp();
    const cookie = await begun();
    const gate = new Gate();
    gates.set('delete', gate);
    let isAnswered = false;
    const ended = visit(cookie, ending).finally(() => {
      isAnswered = true;
    });
    await gate.reached;
    expect(await data(cookie)).toEqual({ user: 'u' });
    expect(isAnswered).toBe(false);
    gate.open();
    await ended;
    expect(await records()).toEqual([]);
  });
});

test('the types are those of the host', () => {
  interface Data extends Record<string, unknown> {
    user: string;
  }
  const storage = useStetSessionStorage<Data>({ store: new MemoryStore() });
  new Hono().get('/', storage, useSession<Data>({ secret }), (c) => {
    expectTypeOf(c.var.session.data).toEqualTypeOf<Data | null>();
    return c.text('');
  });
  expectTypeOf<StetSessionStorageEnv<Data>['Variables']['sessionStorage']>().toEqualTypeOf<Storage<Data> | undefined>();
});
