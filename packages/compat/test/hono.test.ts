import { type SessionEnv, type Storage, useSession } from '@hono/session';
import { generateToken, idOf, MemoryStore, StoreError } from '@stet/core';
import { type Context, Hono } from 'hono';
import { cors } from 'hono/cors';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { type StetSessionStorageEnv, type StetSessionStorageOptions, useStetSessionStorage } from '../src/hono.ts';
import { interceptedStore, type Operation } from './support/intercepted-store.ts';
import { Gate } from './support/meeting.ts';

type Handler = (c: Context<SessionEnv>) => Response | Promise<Response>;

const minuteMs = 60_000;
const secret = 'a secret of at least 32 characters';

/** An application over sessions in memory, at a time that the test moves, and with operations that it holds up or makes fail. */
function setUp(options: Partial<StetSessionStorageOptions> = {}, generateId = generateToken) {
  let aheadMs = 0;
  const now = () => Date.now() + aheadMs;
  const memory = new MemoryStore({ now });
  const calls: Operation[] = [];
  const failing = new Set<Operation>();
  const gates = new Map<Operation, Gate>();
  const store = interceptedStore(memory, async (operation) => {
    calls.push(operation);
    await gates.get(operation)?.pass();
    if (failing.has(operation)) throw new StoreError('STORE_UNAVAILABLE', 'The disk is gone.');
  });
  const errors: unknown[] = [];
  const storage = useStetSessionStorage({ store, now, ...options });
  /** A request to a handler of its own. */
  const visit = async (cookie: string | undefined, handler: Handler): Promise<Response> => {
    const app = new Hono<SessionEnv>().onError((error, c) => {
      errors.push((error as { code?: unknown }).code ?? error);
      return c.text('failed', 500);
    });
    app.get('/', cors(), storage, useSession({ secret, generateId }), handler);
    return app.request('/', cookie ? { headers: { cookie } } : {});
  };
  return {
    memory,
    calls,
    failing,
    gates,
    errors,
    visit,
    pass: (ms: number) => {
      aheadMs += ms;
    },
    records: () => Array.fromAsync(memory.entries()),
    minutesLeft: async () =>
      (await Array.fromAsync(memory.entries())).map(([, { expiresAt }]) => Math.round((expiresAt - now()) / minuteMs)),
    /** The cookie of a session that has been stored with this in it. */
    async begun(values: Record<string, unknown> = { user: 'u' }): Promise<string> {
      const cookie = cookieOf(
        await visit(
          undefined,
          changing(() => values),
        ),
      );
      calls.length = 0;
      return cookie;
    },
    /** What the next request finds. */
    data: async (cookie: string) => (await visit(cookie, async (c) => c.json(await c.var.session.get()))).json(),
  };
}

function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
}

/** A handler that changes the session as the documentation of the host does. */
function changing(change: (values: Record<string, unknown> | null) => Record<string, unknown>): Handler {
  return async (c) => {
    await c.var.session.update(change);
    return c.text('done');
  };
}

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
    expect(errors).toEqual([new TypeError('The session\'s "n" cannot be kept: Do not know how to serialize a BigInt')]);
  });
});

describe('requests that overlap', () => {
  /** Two requests of one session: the first has read it, by `get` or by `update`, when the second one comes and goes. */
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
