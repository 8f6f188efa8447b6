import session, { type SessionStore } from '@fastify/session';
import { Gate, Meeting } from '@stet/visitors';
import { RedisStore as ConnectRedis } from 'connect-redis';
import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { StetStore } from '../src/fastify-session.ts';
import { openFastifySite } from './support/fastify-site.ts';
import { keysKeptAt } from './support/keys-kept.ts';
import { nodeRedis, redisStore, stores } from './support/stores.ts';

const requests = 50;

/** The stores that people run today. */
const stock: ReadonlyArray<readonly [name: string, open: () => Promise<SessionStore>]> = [
  ['MemoryStore of @fastify/session', async () => new session.MemoryStore()],
  ['connect-redis', async () => new ConnectRedis({ client: await nodeRedis() }) as unknown as SessionStore],
];

/**
 * How many of 50 keys are kept that overlapping requests set, one each: all have loaded the session before the first
 * saves it.
 */
async function keysKept(...sharing: readonly SessionStore[]): Promise<number> {
  const meeting = new Meeting(requests);
  const sites = await Promise.all(
    sharing.map((store) =>
      openFastifySite(store, (app) => {
        app.get('/begin', async ({ session }) => {
          session.begun = true;
          return null;
        });
        app.get('/set/:key', async ({ session, params: { key } }: FastifyRequest<{ Params: { key: string } }>) => {
          await meeting.join();
          session[key] = true;
          return null;
        });
        app.get('/', async ({ session }) => ({ ...session }));
      }),
    ),
  );
  return keysKeptAt(requests, ...sites.map(({ origin }) => origin));
}

describe(`${requests} overlapping requests that set a key each`, () => {
  test.each(stores)('keep all of them in a StetStore over %s', async (_, open) => {
    expect(await keysKept(new StetStore({ store: await open() }))).toBe(requests);
  });

  test('keep all of them, also where two servers share a Redis', async () => {
    const [one, two] = await Promise.all([redisStore('shared'), redisStore('shared')]);
    expect(await keysKept(new StetStore({ store: one }), new StetStore({ store: two }))).toBe(requests);
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
  store: SessionStore,
): Promise<{ told: readonly string[]; found: string; errors: unknown[] }> {
  const underWay = { waits: new Gate(), trusts: new Gate(), reads: new Gate() };
  const { visitor: open, errors } = await openFastifySite(store, (app) => {
    app.get('/log-in', async (request) => {
      await request.session.regenerate();
      request.session.user = 'ada';
      return null;
    });
    app.get('/log-out', async ({ session }) => {
      await session.destroy();
      return null;
    });
    app.get('/waits', async ({ session }) => {
      await underWay.waits.pass();
      session.late = true;
      await session.save();
      return 'saved';
    });
    app.get('/trusts', async ({ session }) => {
      await underWay.trusts.pass();
      session.late = true;
      return 'done';
    });
    app.get('/reads', async ({ session }) => {
      await underWay.reads.pass();
      return session.user;
    });
    app.get('/', async ({ session }) => session.user ?? 'nobody');
  });
  const visitor = open();
  await visitor.get('/log-in');
  const old = visitor.twin();
  const late = Object.keys(underWay).map((path) => visitor.twin().get(`/${path}`));
  await Promise.all(Object.values(underWay).map(({ reached }) => reached));
  await visitor.get('/log-out');
  for (const gate of Object.values(underWay)) gate.open();
  const told = (await Promise.all(late)).map(({ status, text }) => (status === 200 ? text : String(status)));
  return { told, found: await old.text('/'), errors };
}

describe('a save after the logout', () => {
  test.each(stores)('creates nothing in a StetStore over %s, and is told so', async (_, open) => {
    const store = await open();
    const { told, found, errors } = await afterLogout(new StetStore({ store }));
    expect([told, found]).toEqual([['409', '409', 'ada'], 'nobody']);
    expect(await Array.fromAsync(store.entries())).toEqual([]);
    expect(new Set(errors.map((error) => (error as { code: string }).code))).toEqual(new Set(['SESSION_GONE']));
  });

  test.each(stock)('logs in again in %s: the tests bite', async (_, open) => {
    const { told, found, errors } = await afterLogout(await open());
    expect([told, found, errors]).toEqual([['saved', 'done', 'ada'], 'ada', []]);
  });
});
