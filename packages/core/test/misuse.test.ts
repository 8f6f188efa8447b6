import { inspect } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { MemoryStore, type Session, Sessions } from '@stet/core';
import { describe, expect, it } from 'vitest';

type Values = Record<string, unknown>;

async function stored(values: Values = { cart: { items: ['pen'] }, n: 1 }) {
  const store = new MemoryStore();
  const sessions = new Sessions<Values>({ store });
  const first = await sessions.open();
  Object.assign(first.data, values);
  await first.save();
  return { store, sessions, token: first.token, session: await sessions.open(first.token) };
}

/** Runs code that is not strict, as CommonJS modules are by default. */
const sloppily = (session: Session<Values>, code: string) => new Function('session', code)(session);

describe('a property that a session does not have', () => {
  it.each([
    'session.user = "ada"',
    'session.data = {}',
    'session.id = "x"',
    'session.token = "x"',
    'session.isNew = true',
  ])('cannot be set, in sloppy code, either: %s', async (code) => {
    const { session } = await stored();
    expect(() => sloppily(session, code)).toThrow(/session\.data/);
    expect(() => sloppily(session, code)).toThrow(expect.objectContaining({ code: 'SESSION_STATE' }));
  });

  it('may be marked by a symbol, and is not there otherwise', async () => {
    const { session } = await stored();
    const mark = Symbol('mark');
    Object.assign(session, { [mark]: true });
    expect([Reflect.get(session, mark), Reflect.get(session, 'user'), 'user' in session]).toEqual([
      true,
      undefined,
      false,
    ]);
  });

  it.each(['save', 'regenerate', 'destroy'])('is no callback: session.%s(callback) throws at once', async (method) => {
    const { session, sessions, token } = await stored();
    expect(() => sloppily(session, `session.${method}(() => {})`)).toThrow(/takes no callback/);
    expect((await sessions.open(token)).data.n).toBe(1);
  });
});

describe('a session that is closed', () => {
  it.each([
    'session.data.n = 2',
    'session.data.more = 2',
    'delete session.data.n',
    'session.data.cart.items.push("ink")',
    'session.data.cart.items[0] = "ink"',
    'session.data.cart.gift = true',
    'Object.defineProperty(session.data, "n", { value: 2 })',
    'Object.setPrototypeOf(session.data, null)',
    'session.subject = "ada"',
    'session.lifetime = {}',
    'session.update("n", () => 2)',
  ])('refuses a change, in sloppy code, either: %s', async (code) => {
    const { session } = await stored();
    expect(session.commit()).toBeUndefined();
    expect(() => sloppily(session, code)).toThrow(expect.objectContaining({ code: 'SESSION_STATE' }));
    expect(JSON.stringify(session.data)).toBe('{"cart":{"items":["pen"]},"n":1}');
  });

  it('reads as it was', async () => {
    const { session } = await stored();
    session.data.n = 2;
    await session.commit();
    const { cart } = session.data as { cart: { items: string[] } };
    expect([session.data.n, cart.items.map((item) => item.length), cart.items.includes('pen')]).toEqual([2, [3], true]);
    expect([session.data.cart === cart, Array.isArray(cart.items), { ...session.data }]).toEqual([
      true,
      true,
      { cart: { items: ['pen'] }, n: 2 },
    ]);
  });
});

describe('console.log', () => {
  it('shows id, state and keys, never the token or values', async () => {
    const { session, sessions, token } = await stored({ card: '4111', user: 'ada' });
    const shown = inspect(session);
    for (const part of [session.id, 'stored', 'card', 'user']) expect(shown).toContain(part);
    for (const secret of [token, '4111', 'ada']) expect(shown).not.toContain(secret);
    expect(inspect(await sessions.open(token, { lazy: true }))).toBe("Session { state: 'unloaded' }");
    expect(inspect({ session }, { depth: 0 })).not.toContain('4111');
  });

  it('says so where the data cannot be read', async () => {
    const { session, store, sessions, token } = await stored();
    const record = await store.load(session.id);
    if (!record) return expect.fail('it is stored');
    await store.update(session.id, record, { ...record, data: '{"card":4111' });
    expect(inspect(await sessions.open(token))).toMatch(/keys: 'cannot be read'/);
  });
});

describe('a value that JSON loses', () => {
  class Money {
    readonly amount = 1;
  }
  it.each<[what: string, value: unknown, path: string, kind: RegExp]>([
    ['a function', { deep: [{ f: () => {} }] }, 'odd.deep[0].f', /function/],
    ['a Map', new Map([['a', 1]]), 'odd', /Map/],
    ['a Set', { tags: new Set(['a']) }, 'odd.tags', /Set/],
    ['NaN', [1, Number.NaN], 'odd[1]', /NaN/],
    ['Infinity', { limit: Number.POSITIVE_INFINITY }, 'odd.limit', /Infinity/],
    ['a symbol', { kind: Symbol('x') }, 'odd.kind', /symbol/],
    ['an instance of a class', { price: new Money() }, 'odd.price', /Money/],
    ['a BigInt', { id: 7n }, 'odd.id', /bigint/],
    ['undefined in an array', [undefined], 'odd[0]', /undefined/],
    ['a RegExp', /x/, 'odd', /RegExp/],
    ['a hole in an array', Array(1), 'odd[0]', /undefined/],
  ])('is refused by path and kind: %s', async (_, value, path, kind) => {
    const { session, sessions, token } = await stored();
    session.data.n = 2;
    session.data.odd = value;
    const refusal = await session.save().then(
      () => expect.fail('was saved'),
      (error: Error) => error,
    );
    expect(refusal).toBeInstanceOf(TypeError);
    expect(refusal.message).toContain(JSON.stringify(path));
    expect(refusal.message).toMatch(kind);
    expect((await sessions.open(token)).data).toEqual({ cart: { items: ['pen'] }, n: 1 });
  });

  it('is none where JSON knows what to do: dates, undefined properties, objects of another realm', async () => {
    const { session, sessions, token } = await stored({ n: 1 });
    session.data.at = new Date(0);
    session.data.nothing = undefined;
    delete session.data.n;
    session.data.foreign = runInContext('({ list: [1, { a: true }] })', createContext());
    session.data.bare = Object.assign(Object.create(null), { a: 1 });
    await session.save();
    expect({ ...(await sessions.open(token)).data }).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      foreign: { list: [1, { a: true }] },
      bare: { a: 1 },
    });
  });

  it('is noticed at an update', async () => {
    const { session } = await stored();
    expect(() => session.update('n', () => new Map())).toThrow(/"n" cannot be kept: .*Map/);
    expect(session.data.n).toBe(1);
  });
});

describe('a value that encodes differently each time', () => {
  it('is refused by its key after one more round', async () => {
    const { session, sessions, token } = await stored();
    let reads = 0;
    session.data.odd = { toJSON: () => (reads += 1) };
    await expect(session.commit()).rejects.toThrow(/^The session's "odd" cannot be kept/);
    expect(reads).toBeLessThan(10);
    expect((await sessions.open(token)).data.n).toBe(1);
  });

  it('is none where the application went on for a while', async () => {
    const { session, sessions, token } = await stored();
    session.data.n = 2;
    const committing = session.commit();
    session.data.n = 3;
    await committing;
    expect((await sessions.open(token)).data.n).toBe(3);
  });
});

describe('an option', () => {
  const store = new MemoryStore();
  const open = (options: object) => new Sessions({ store }).open(undefined, options);

  it.each([
    [{ idleTimeout: 1 }, 'idleTimeoutMs'],
    [{ maxdatabytes: 1 }, 'maxDataBytes'],
    [{ absoluteTimeout: 1 }, 'absoluteTimeoutMs'],
    [{ onconflict: 'merge' }, 'onConflict'],
  ])('of Sessions that is not known is refused, and the one that was meant is named: %j', (options, meant) => {
    const name = Object.keys(options)[0];
    const make = () => new Sessions({ store, ...options } as never);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(`no option "${name}": did you mean "${meant}"?`);
  });

  it('of a call that is not known is refused, too', async () => {
    const { session, sessions } = await stored();
    await expect(open({ lasy: true })).rejects.toThrow('did you mean "lazy"?');
    expect(() => session.regenerate({ grace: 1 } as never)).toThrow('did you mean "graceMs"?');
    await expect(sessions.revokeSubject('ada', { exept: session } as never)).rejects.toThrow('did you mean "except"?');
    expect(() => new Sessions({ store, zzz: 1 } as never)).toThrow(/no option "zzz"\.$/);
  });

  it('that cannot work is refused, and what to do is said', () => {
    expect(() => new Sessions({ store, idleTimeoutMs: 2_000, absoluteTimeoutMs: 1_000 })).toThrow(/raise that, too/);
    expect(() => new Sessions({} as never)).toThrow(/needs a store/);
    expect(() => new Sessions({ store: new Map() } as never)).toThrow(/needs a store/);
    expect(() => new Sessions({ store, maxSessionsPerSubject: 0 })).toThrow(TypeError);
    expect(new Sessions({ store, absoluteTimeoutMs: 1_000 })).toBeInstanceOf(Sessions);
  });
});
