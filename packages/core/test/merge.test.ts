import { MemoryStore, merge, Sessions } from '@stet/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, expectedMerge, isObject, type Json, type JsonObject, own } from './merge-model.ts';

type Values = Record<string, unknown>;

const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', '0', '');
const leaf = fc.oneof(
  fc.constantFrom<Json[]>(null, true, 0, 1, 'text'),
  fc.array(fc.constantFrom<Json[]>(1, 'x', {}), { maxLength: 2 }),
);
/** Plain objects in plain objects, with keys that are dangerous. */
const { object } = fc.letrec<{ object: JsonObject; value: Json }>((tie) => ({
  object: fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  value: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaf, tie('object')),
}));

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value));

/** All values that are no plain objects, by their path. */
function leavesOf(value: Json | undefined, path = ''): Map<string, string> {
  if (!isObject(value)) return new Map([[path, canonical(value)]]);
  return new Map(
    Object.keys(value).flatMap((name) => [...leavesOf(own(value, name), `${path}/${JSON.stringify(name)}`)]),
  );
}

/** Gives the session's data this content. */
function put(data: Values, content: JsonObject): void {
  for (const name of Object.keys(data)) delete data[name];
  for (const name of Object.keys(content)) data[name] = copy(own(content, name));
}

async function startingWith(content: JsonObject) {
  const sessions = new Sessions<Values>({ store: new MemoryStore() });
  const session = await sessions.open();
  put(session.data, content);
  session.subject = 'user-7';
  await session.save();
  return { sessions, token: session.token };
}

const textOf = (data: Values) => canonical(JSON.parse(JSON.stringify(data)));

describe('a merge', () => {
  it('is what the changes of mine make of theirs, path by path', () => {
    fc.assert(
      fc.property(object, object, object, (base, mine, theirs) => {
        const before = [base, mine, theirs].map(canonical);
        expect(canonical(merge(base, mine, theirs) as Json)).toBe(canonical(expectedMerge(base, mine, theirs)));
        expect([base, mine, theirs].map(canonical)).toEqual(before);
      }),
      { numRuns: 2_000 },
    );
  });

  it('of a change with none, or with itself, is that change', () => {
    fc.assert(
      fc.property(object, object, (base, changed) => {
        const expected = canonical(changed);
        expect(canonical(merge(base, changed, base) as Json)).toBe(expected);
        expect(canonical(merge(base, base, changed) as Json)).toBe(expected);
        expect(canonical(merge(base, changed, copy(changed)) as Json)).toBe(expected);
      }),
    );
  });

  it('invents nothing and touches no prototype', () => {
    fc.assert(
      fc.property(object, object, object, (base, mine, theirs) => {
        const merged = merge(base, mine, theirs) as JsonObject;
        const sides = [leavesOf(mine), leavesOf(theirs)];
        for (const [path, text] of leavesOf(merged)) expect(sides.map((side) => side.get(path))).toContain(text);
        expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });
});

describe('merging', () => {
  it('keeps what any number of requests do at different paths, in whichever order they save', () =>
    fc.assert(
      fc.asyncProperty(
        object,
        fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', '__proto__', 'constructor', '0'), key), {
          selector: (path) => JSON.stringify(path),
          minLength: 2,
          maxLength: 6,
        }),
        fc.func(fc.integer()),
        async (content, paths, rank) => {
          // Where the changes are made there are objects on both sides.
          const base = Object.fromEntries(
            Object.entries({ ...content }).filter(([name]) => !paths.some(([outer]) => outer === name)),
          ) as JsonObject;
          const parents = new Set(paths.map(([outer]) => outer));
          const full = Object.fromEntries([
            ...Object.entries(base),
            ...Array.from(parents, (name) => [name, { kept: 1 }]),
          ]);
          const { sessions, token } = await startingWith(full);
          const requests = await Promise.all(
            paths.map(async (path) => ({ path, session: await sessions.open(token) })),
          );
          for (const { path, session } of requests) {
            const inner = session.data[path[0]] as Values;
            Object.defineProperty(inner, path[1], {
              value: path,
              enumerable: true,
              configurable: true,
              writable: true,
            });
          }
          for (const { session } of requests.toSorted((one, other) => rank(one.path) - rank(other.path)))
            await session.save();
          const after = (await sessions.open(token)).data;
          for (const [outer, inner] of paths) {
            const object = after[outer] as JsonObject;
            expect([own(object, inner), object.kept]).toEqual([[outer, inner], 1]);
          }
          for (const name of Object.keys(base)) expect(canonical(after[name] as Json)).toBe(canonical(own(base, name)));
        },
      ),
      { numRuns: 200 },
    ));

  it('is what the model says, whatever two requests make of the session; the later one sees it', () =>
    fc.assert(
      fc.asyncProperty(object, object, object, async (base, mine, theirs) => {
        const { sessions, token } = await startingWith(base);
        const [early, late] = await Promise.all([sessions.open(token), sessions.open(token)]);
        put(early.data, theirs);
        put(late.data, mine);
        const [data] = [late.data];
        await early.save();
        await late.save();
        const expected = canonical(expectedMerge(base, mine, theirs));
        expect(textOf((await sessions.open(token)).data)).toBe(expected);
        expect(late.data).toBe(data);
        // A request that changed nothing is not told what others changed.
        if (canonical(mine) !== canonical(base)) expect(textOf(late.data)).toBe(expected);
      }),
      { numRuns: 300 },
    ));

  it('leaves plain objects where they are, and freezes what it replaces', async () => {
    const { sessions, token } = await startingWith({ prefs: { theme: 'light', list: [1] }, old: { a: 1 } });
    const [early, late] = await Promise.all([sessions.open(token), sessions.open(token)]);
    const prefs = late.data.prefs as Values;
    const list = prefs.list as number[];
    const old = late.data.old as Values;
    (early.data.prefs as Values).list = [1, 2];
    early.data.old = 'gone';
    prefs.theme = 'dark';
    await early.save();
    await late.save();
    expect(late.data.prefs).toBe(prefs);
    expect(prefs).toEqual({ theme: 'dark', list: [1, 2] });
    expect(() => list.push(3)).toThrow(TypeError);
    expect(() => {
      old.a = 2;
    }).toThrow(TypeError);
    prefs.more = true;
    await late.save();
    expect((await sessions.open(token)).data.prefs).toEqual({ theme: 'dark', list: [1, 2], more: true });
  });

  it('refuses what was changed for another subject', async () => {
    const store = new MemoryStore();
    const sessions = new Sessions<Values>({ store });
    const session = await sessions.open();
    session.subject = 'user-7';
    await session.save();
    const record = await store.load(session.id);
    if (!record) return expect.fail('it is stored');
    await store.update(session.id, record, { ...record, subject: 'user-8' });
    session.data.card = 'of user-7';
    await expect(session.save()).rejects.toMatchObject({ code: 'SESSION_CHANGED', status: 409 });
    expect((await store.load(session.id))?.data).toBe('{}');
  });

  it('keeps every one of many requests that change a key each', async () => {
    const { sessions, token } = await startingWith({ kept: true });
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
    const { sessions, token } = await startingWith({ n: 1, m: 1, k: 1, kept: true });
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

  it('re-runs updaters, and merges what was done to their value before and after them', async () => {
    const { sessions, token } = await startingWith({ cart: { items: ['pen'] } });
    const [early, late] = await Promise.all([sessions.open(token), sessions.open(token)]);
    const add = (item: string) => (cart: unknown) => {
      const { items, ...others } = cart as { items: string[] };
      return { ...others, items: [...items, item] };
    };
    early.update('cart', add('ink'));
    (late.data.cart as Values).gift = true;
    late.update('cart', add('book'));
    (late.data.cart as Values).note = 'wrapped';
    await early.save();
    await late.save();
    expect((await sessions.open(token)).data.cart).toEqual({
      items: ['pen', 'ink', 'book'],
      gift: true,
      note: 'wrapped',
    });
  });

  it('leaves everything as it was where an updater fails on the fresh value', async () => {
    const { sessions, token } = await startingWith({ n: 1, m: 1 });
    const [early, late] = await Promise.all([sessions.open(token), sessions.open(token)]);
    early.data.n = 2;
    early.data.k = 2;
    late.update('n', (n) => {
      if (n === 2) throw new RangeError('no more than 1');
      return (n as number) + 10;
    });
    late.data.m = 2;
    await early.save();
    await expect(late.save()).rejects.toThrow(RangeError);
    expect({ ...late.data }).toEqual({ n: 11, m: 2 });
    expect({ ...(await sessions.open(token)).data }).toEqual({ n: 2, m: 1, k: 2 });
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
