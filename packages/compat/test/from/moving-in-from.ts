import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { EncryptedCodec, type EncryptionKey, idOf, MemoryStore } from '@stet/core';
import type { Visitor } from '@stet/visitors';
import type { Express } from 'express';
import type { SessionData } from 'express-session';
import { describe, expect, onTestFinished, test } from 'vitest';
import { StetStore } from '../../src/express-session.ts';
import { moveIn } from '../../src/from.ts';
import { answered } from '../support/callback.ts';
import { openSite } from '../support/site.ts';
import type { Library } from './library.ts';
import { canary, errorOf, everythingIn, heard } from './telling.ts';

const hourMs = 3_600_000;
const keys: readonly EncryptionKey[] = [{ id: 'k1', secret: new Uint8Array(32).fill(7) }];

/** What a visitor may have in a session. */
export const oddities: Readonly<Record<string, unknown>> = {
  cart: [{ sku: 'b-7', n: 2 }],
  'näme ☃': '🂡 – "quoted" \\ \u2028',
  controls: 'a\0b\u0007',
  half: 'a\ud800b',
  deep: JSON.parse('{"__proto__": {"isAdmin": true}, "constructor": null}'),
  numbers: [0, -1.5, 1e21, null],
};

/** Ids that an application may have given, and that its places might take for something else. */
const hostileSids: readonly string[] = [
  "a'b",
  'a"b',
  'a`b',
  'a\\b',
  'a*b',
  'a?[b]',
  '%_',
  '$1',
  'é😀',
  'Ab',
  '.a',
  'a b',
];

/** More than one page of them. */
export const manySids: readonly string[] = Array.from({ length: 350 }, (_, n) => `sid-${n + 1}`).sort();

function routes(app: Express): void {
  app.get('/login/:name', ({ session, params, query }, response) => {
    if (query.maxAge) session.cookie.maxAge = Number(query.maxAge);
    Object.assign(session, JSON.parse(String(query.values)), { name: params.name });
    response.send(session.id);
  });
  app.get('/add/:key', ({ session, params }, response) => {
    session[params.key] = true;
    response.end();
  });
  app.get('/show', ({ session }, response) => {
    const { cookie, __lastAccess, ...values } = session;
    response.json({ ...values, lifeMs: cookie.originalMaxAge });
  });
  app.get('/logout', ({ session }, response) => void session.destroy(() => response.end()));
}

interface Guest {
  readonly visitor: Visitor;
  readonly sid: string;
}

/** A site on the library, with some visitors logged in. */
async function siteOf({ store, values = oddities }: Library, names: readonly string[]): Promise<Guest[]> {
  const { visitor } = await openSite(store, routes);
  return Promise.all(
    names.map(async (name) => {
      const guest = visitor();
      // The first has a cookie that ends with the browser.
      const maxAge = name === names[0] ? '' : String(hourMs);
      const query = new URLSearchParams({ values: JSON.stringify(values), maxAge });
      const sid = await guest.text(`/login/${name}?${query}`);
      return { visitor: guest, sid };
    }),
  );
}

/** The same site on stet. */
async function newSite(library: Library, to: MemoryStore = new MemoryStore()) {
  const codec = new EncryptedCodec({ keys });
  const { origin } = await openSite(new StetStore({ store: to, from: library.from, codec }), routes);
  return { to, codec, origin };
}

function corruptIds(): string[] {
  const ids: string[] = [];
  const listener = (message: unknown): void => void ids.push((message as { id: string }).id);
  subscribe('stet:corrupt-record', listener);
  onTestFinished(() => void unsubscribe('stet:corrupt-record', listener));
  return ids;
}

function sessionOf(name: string): SessionData {
  const cookie = { originalMaxAge: hourMs, maxAge: hourMs, expires: new Date(Date.now() + hourMs) };
  return { cookie, name } as unknown as SessionData;
}

const put = (library: Library, sid: string, session = sessionOf(sid)) =>
  answered((done) => library.store.set(sid, session, done));

/** Whatever a library leaves behind moves in like this. */
export function movesInFrom(name: string, open: () => Promise<Library>): void {
  describe(name, () => {
    test('each session arrives once, with its data, its cookie and its end, and the cookie of the visitor goes on', async () => {
      const library = await open();
      const guests = await siteOf(library, ['Ada', 'Bob', 'Cyd']);
      const left = new Map(await Array.fromAsync(library.from.entries()));
      expect(new Set(left.keys())).toEqual(new Set(guests.map(({ sid }) => sid)));
      const { to, origin } = await newSite(library);
      for (const [at, { visitor, sid }] of guests.entries()) {
        const before = await visitor.json('/show');
        const tabs = Array.from({ length: 5 }, () => visitor.twin(origin));
        await Promise.all(tabs.map((tab, tabNumber) => tab.get(`/add/tab${tabNumber}`)));
        const now = await visitor.twin(origin).json('/show');
        const added = { tab0: true, tab1: true, tab2: true, tab3: true, tab4: true };
        // The library reckons the life of a cookie anew with each request, and may come to a millisecond less.
        const lifeMs = at === 0 ? null : expect.closeTo(hourMs, -2);
        expect(now).toEqual({ ...(before as object), ...added, lifeMs });
        expect(now).toMatchObject({ name: ['Ada', 'Bob', 'Cyd'][at], ...(library.values ?? oddities) });
        const arrived = await to.load(idOf(sid));
        expect(arrived?.createdAt).toBeLessThanOrEqual(Date.now());
        expect(arrived?.data).not.toContain('cart');
      }
      expect(await library.remaining()).toEqual([]);
      expect(await Array.fromAsync(to.entries())).toHaveLength(3);
    });

    test('what was left is read as it is, the same at each reading', async () => {
      const library = await open();
      const endsAt = Date.now() + hourMs;
      await put(library, 'one');
      const [first, second] = [await library.from.load('one'), await library.from.load('one')];
      expect(JSON.parse(first?.data ?? '')).toMatchObject({ name: 'one', cookie: { originalMaxAge: hourMs } });
      expect(first).toMatchObject({ revision: 1 });
      expect(Math.abs((first?.expiresAt ?? 0) - endsAt)).toBeLessThan(5_000);
      expect(Math.abs((first?.createdAt ?? 0) - (endsAt - hourMs))).toBeLessThan(5_000);
      expect(second).toEqual({ ...first, expiresAt: expect.closeTo(first?.expiresAt ?? 0, -2) });
    });

    test('a logout reaches both, before the session has moved and after', async () => {
      const library = await open();
      const [early, late] = await siteOf(library, ['Ada', 'Bob']);
      const { to, origin } = await newSite(library);
      for (const { visitor } of [early, late] as Guest[]) {
        const here = visitor.twin(origin);
        if (visitor === late?.visitor) await here.get('/show');
        await here.get('/logout');
        expect(await visitor.twin(origin).json('/show')).not.toHaveProperty('name');
      }
      expect([await library.remaining(), await Array.fromAsync(to.entries())]).toEqual([[], []]);
    });

    test('listing moves all of them first, and a listed id ends its session', async () => {
      const library = await open();
      const [ada, bob] = (await siteOf(library, ['Ada', 'Bob'])) as [Guest, Guest];
      const store = new StetStore({ store: new MemoryStore(), from: library.from });
      const all = await answered<Record<string, SessionData>>((done) => store.all(done));
      expect(Object.keys(all).sort()).toEqual([idOf(ada.sid), idOf(bob.sid)].sort());
      expect(all[idOf(ada.sid)]).toMatchObject({ name: 'Ada' });
      await answered((done) => store.destroy(idOf(ada.sid), done));
      expect(await answered((done) => store.get(ada.sid, done))).toBeNull();
      expect(await answered((done) => store.ids(done))).toEqual([idOf(bob.sid)]);
    });

    test('the rest moves in one go that can be left and begun again; what has ended or is unreadable does not come', async () => {
      const library = await open();
      const names = ['Ada', 'Bob', 'Cyd', 'Dan', 'Eve', 'Fay'];
      const guests = await siteOf(library, names);
      const [ada, bob, ...others] = guests as [Guest, Guest, ...Guest[]];
      await library.expire(ada.sid);
      await library.spoil(bob.sid);
      const { to, codec, origin } = await newSite(library);
      const reported = corruptIds();
      const moved: string[] = [];
      for await (const sid of moveIn({ from: library.from, to, codec })) {
        moved.push(sid);
        if (moved.length === 2) break;
      }
      for await (const sid of moveIn({ from: library.from, to, codec })) moved.push(sid);
      expect(moved.sort()).toEqual(others.map(({ sid }) => sid).sort());
      expect(new Set(reported)).toEqual(new Set([idOf(bob.sid)]));
      expect(await library.remaining()).toContain(bob.sid);
      expect((await library.remaining()).filter((sid) => sid !== ada.sid)).toEqual([bob.sid]);
      expect(await Array.fromAsync(to.entries())).toHaveLength(4);
      for (const [at, { visitor }] of others.entries()) {
        expect(await visitor.twin(origin).json('/show')).toMatchObject({
          name: names[at + 2],
          ...(library.values ?? oddities),
        });
      }
      expect(await library.from.load(ada.sid)).toBeNull();
      expect(await ada.visitor.twin(origin).json('/show')).not.toHaveProperty('name');
      await expect(library.from.load(bob.sid)).rejects.toMatchObject({ code: 'STORE_CORRUPT_RECORD' });
      expect(await bob.visitor.twin(origin).get('/show')).toMatchObject({ status: 500, text: 'STORE_CORRUPT_RECORD' });
      expect(await library.remaining()).toContain(bob.sid);
    });

    test('a sid is a name and nothing else', async () => {
      const library = await open();
      for (const sid of hostileSids) await put(library, sid);
      const absent = [
        ...hostileSids.map((sid) => `${sid} `),
        'aB',
        'A B',
        'a',
        '',
        '*',
        '..',
        '.',
        '../a',
        'a/b',
        '\0',
        'a\0b',
      ];
      for (const sid of [...absent, "' OR '1'='1", 'x'.repeat(5_000), idOf('a')]) {
        expect([sid, await library.from.load(sid), await library.from.delete(sid)]).toEqual([sid, null, false]);
      }
      expect((await library.remaining()).sort()).toEqual([...hostileSids].sort());
      for (const sid of hostileSids) {
        expect(JSON.parse((await library.from.load(sid))?.data ?? '')).toMatchObject({ name: sid });
      }
      const { to } = await newSite(library);
      const moved = await Array.fromAsync(moveIn({ from: library.from, to }));
      expect(moved.sort()).toEqual([...hostileSids].sort());
      expect(await library.remaining()).toEqual([]);
    });

    test('nothing that is told has an id of the library or data in it', async () => {
      const library = await open();
      const messages = heard();
      const told: unknown[] = [];
      // Quotation marks and lines, because errors are cut at them.
      for (const sid of [canary, `"${canary}'`, `'${canary}"x`]) {
        await put(library, sid, sessionOf(`name ${canary}`));
        await library.spoil(sid);
        told.push(await errorOf(library.from.load(sid)));
      }
      const to = new MemoryStore();
      expect(await Array.fromAsync(library.from.entries())).toEqual([]);
      expect(await Array.fromAsync(moveIn({ from: library.from, to }))).toEqual([]);
      for (const sid of [canary, `"${canary}'`, `'${canary}"x`]) {
        for (const from of [await library.refused(sid), library.unreachable]) {
          told.push(await errorOf(from.load(sid)), ...(await Promise.allSettled([from.delete(sid)])));
          const site = new StetStore({ store: to, from });
          await Promise.allSettled([answered((done) => site.get(sid, done))]).then((ends) => told.push(...ends));
        }
      }
      expect(messages.length).toBeGreaterThan(0);
      expect(everythingIn([told, messages])).not.toContain(canary);
    });

    test('an outage is no miss', async () => {
      const { unreachable } = await open();
      const failure = { code: 'STORE_UNAVAILABLE', cause: expect.any(Error) };
      await expect(unreachable.load('one')).rejects.toMatchObject(failure);
      await expect(unreachable.delete('one')).rejects.toMatchObject(failure);
      await expect(Array.fromAsync(unreachable.entries())).rejects.toMatchObject(failure);
    });
  });
}
