import { MemoryStore, Sessions } from '@stet/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

type Values = Record<string, unknown>;

const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');
const values = fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: false });
/** What a request does to the session: a value for a key, or its deletion. */
const changes = fc.uniqueArray(fc.tuple(key, fc.option(fc.jsonValue({ maxDepth: 2 }), { nil: undefined })), {
  selector: ([name]) => name,
  maxLength: 4,
});

const text = (value: unknown) => JSON.stringify(value);
const same = (left: Values, right: Values) => {
  expect(new Map(Object.entries(left).map(([name, value]) => [name, text(value)]))).toEqual(
    new Map(Object.entries(right).map(([name, value]) => [name, text(value)])),
  );
};

function apply(data: Values, list: ReadonlyArray<readonly [string, unknown]>): void {
  for (const [name, value] of list) {
    if (value === undefined) delete data[name];
    else data[name] = structuredClone(value);
  }
}

function copyOf(data: Values): Values {
  return Object.assign(Object.create(null), JSON.parse(text({ ...data })));
}

/** Whether a change really is one: setting a key to what it holds already is none. */
const isChange =
  (base: Values) =>
  ([name, value]: readonly [string, unknown]) =>
    text(base[name]) !== text(value);

async function startingWith(data: Values) {
  const sessions = new Sessions<Values>({ store: new MemoryStore() });
  const session = await sessions.open();
  Object.assign(session.data, data, { kept: true });
  await session.save();
  return { sessions, token: session.token };
}

describe('merging', () => {
  it('is the changes of both, and on one key those of the later save, whatever the values', () =>
    fc.assert(
      fc.asyncProperty(values, changes, changes, async (data, mine, theirs) => {
        const { sessions, token } = await startingWith(data);
        const [early, late] = await Promise.all([sessions.open(token), sessions.open(token)]);
        const base = copyOf(early.data);
        apply(early.data, theirs);
        apply(late.data, mine);
        await early.save();
        await late.save();
        const expected = copyOf(base);
        apply(expected, theirs.filter(isChange(base)));
        apply(expected, mine.filter(isChange(base)));
        same((await sessions.open(token)).data, expected);
        // A request that changed nothing is not told what others changed.
        if (mine.some(isChange(base))) same(late.data, expected);
      }),
      { numRuns: 500 },
    ));

  it('keeps every one of many requests that change a key each', async () => {
    const { sessions, token } = await startingWith({});
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const session = await sessions.open(token);
        session.data[`key${index}`] = index;
        await session.save();
      }),
    );
    expect(Object.keys((await sessions.open(token)).data)).toHaveLength(51);
  });

  it('re-runs updaters on the fresh value, but not over a plain assignment made after them', async () => {
    const { sessions, token } = await startingWith({ n: 1, m: 1, k: 1 });
    const [early, late] = await Promise.all([sessions.open(token), sessions.open(token)]);
    for (const name of ['n', 'm', 'k']) early.update(name, (value) => (value as number) + 10);
    late.update('n', (value) => (value as number) + 1);
    late.update('n', (value) => (value as number) * 2);
    late.update('m', (value) => (value as number) + 1);
    late.data.m = 100;
    late.data.k = 100;
    late.update('k', (value) => (value as number) + 1);
    await early.save();
    await late.save();
    expect({ ...(await sessions.open(token)).data }).toEqual({ n: 24, m: 100, k: 101, kept: true });
  });

  it('does not happen where the application wants to decide', async () => {
    const store = new MemoryStore();
    const sessions = new Sessions<Values>({ store, onConflict: 'reject' });
    const first = await sessions.open();
    first.data.a = 1;
    await first.save();
    const [early, late] = await Promise.all([sessions.open(first.token), sessions.open(first.token)]);
    early.data.b = 1;
    late.data.c = 1;
    await early.save();
    await expect(late.save()).rejects.toMatchObject({ code: 'SESSION_CONFLICT' });
    expect({ ...(await sessions.open(first.token)).data }).toEqual({ a: 1, b: 1 });
  });

  it('gives up where others keep coming first, and has saved nothing', async () => {
    const store = new MemoryStore();
    const sessions = new Sessions<Values>({ store });
    const first = await sessions.open();
    first.data.a = 1;
    await first.save();
    const before = await store.load(first.id);
    const beaten = new Proxy(store, {
      get(target, name) {
        if (name !== 'update')
          return Reflect.get(target, name, target).bind?.(target) ?? Reflect.get(target, name, target);
        return async () => ({ status: 'conflict', current: await target.load(first.id) });
      },
    });
    const session = await new Sessions<Values>({ store: beaten }).open(first.token);
    session.data.b = 1;
    await expect(session.save()).rejects.toMatchObject({ code: 'SESSION_CONFLICT' });
    expect(await store.load(first.id)).toEqual(before);
  });
});
