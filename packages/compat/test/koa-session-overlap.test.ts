import { Gate, Meeting } from '@stet/visitors';
import type { Context } from 'koa';
import type { CreateSessionOptions } from 'koa-session';
import { describe, expect, test } from 'vitest';
import { StetStore } from '../src/koa-session.ts';
import { keysKeptAt } from './support/keys-kept.ts';
import { openKoaSite } from './support/koa-site.ts';
import { nodeRedis, redisStore, stores } from './support/stores.ts';

const requests = 50;

/** What people run today: the cookie, and a store as the documentation of koa-session asks for it. */
const stock: ReadonlyArray<readonly [name: string, open: () => Promise<CreateSessionOptions>]> = [
  ['the cookie', async () => ({})],
  [
    'Redis, one SET a session',
    async () => {
      const client = await nodeRedis();
      const store = {
        get: async (key: string) => JSON.parse((await client.get(key)) ?? 'null'),
        set: async (key: string, session: unknown, maxAge: number) => {
          await client.set(key, JSON.stringify(session), { PX: maxAge });
        },
        destroy: async (key: string) => {
          await client.del(key);
        },
      };
      return { store };
    },
  ],
];

/**
 * How many of 50 keys are kept that overlapping requests set, one each: all have loaded the session before the first
 * saves it.
 */
async function keysKept(...sharing: readonly CreateSessionOptions[]): Promise<number> {
  const meeting = new Meeting(requests);
  const sites = await Promise.all(
    sharing.map((options) =>
      openKoaSite(options, {
        begin: ({ session }) => {
          session.begun = true;
        },
        set: async ({ session }: Context, key) => {
          await meeting.join();
          session[key] = true;
        },
        '': ({ session }) => session,
      }),
    ),
  );
  return keysKeptAt(requests, ...sites.map(({ origin }) => origin));
}

describe(`${requests} overlapping requests that set a key each`, () => {
  test.each(stores)('keep all of them in a StetStore over %s', async (_, open) => {
    expect(await keysKept({ store: new StetStore({ store: await open() }) })).toBe(requests);
  });

  test('keep all of them, also where two servers share a Redis', async () => {
    const [one, two] = await Promise.all([redisStore('shared'), redisStore('shared')]);
    const sharing = [one, two].map((store) => ({ store: new StetStore({ store }) }));
    expect(await keysKept(...sharing)).toBe(requests);
  });

  test.each(stock)('keep one in %s: the tests bite', async (_, open) => {
    expect(await keysKept(await open())).toBe(1);
  });
});

/**
 * A request has loaded its session when the visitor logs out, and saves it afterwards. What is it told, and what is
 * there then?
 */
async function afterLogout(
  options: CreateSessionOptions,
): Promise<{ told: readonly string[]; found: unknown; errors: unknown[] }> {
  const underWay = { waits: new Gate(), trusts: new Gate(), reads: new Gate() };
  const { visitor: open, errors } = await openKoaSite(options, {
    'log-in': ({ session }) => {
      session.user = 'ada';
    },
    'log-out': (ctx) => {
      ctx.session = null;
    },
    waits: async ({ session }) => {
      await underWay.waits.pass();
      session.late = true;
      await session.save();
      return 'saved';
    },
    trusts: async ({ session }) => {
      await underWay.trusts.pass();
      session.late = true;
      return 'done';
    },
    reads: async ({ session }) => {
      await underWay.reads.pass();
      return session.user;
    },
    '': ({ session }) => session.user ?? 'nobody',
  });
  const visitor = open();
  await visitor.get('/log-in');
  const tabs = Object.keys(underWay).map((path) => [visitor.twin(), path] as const);
  const late = tabs.map(([tab, path]) => tab.get(`/${path}`));
  await Promise.all(Object.values(underWay).map(({ reached }) => reached));
  await visitor.get('/log-out');
  for (const gate of Object.values(underWay)) gate.open();
  const told = (await Promise.all(late)).map(({ text }) => text);
  return { told, found: await tabs[0]?.[0].json('/'), errors };
}

describe('a save after the logout', () => {
  test.each(stores)('creates nothing in a StetStore over %s, and is told so', async (_, open) => {
    const store = await open();
    const { told, found, errors } = await afterLogout({ store: new StetStore({ store }) });
    expect([told, found]).toEqual([['SESSION_GONE', 'SESSION_GONE', '"ada"'], 'nobody']);
    expect(await Array.fromAsync(store.entries())).toEqual([]);
    expect(errors).toMatchObject([{ code: 'SESSION_GONE' }, { code: 'SESSION_GONE' }]);
  });

  test.each(stock)('logs in again in %s: the tests bite', async (_, open) => {
    const { told, found, errors } = await afterLogout(await open());
    expect([told, found, errors]).toEqual([['"saved"', '"done"', '"ada"'], 'ada', []]);
  });
});
