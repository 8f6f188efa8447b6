import { MemoryStore } from '@stet/core';
import { Gate, Meeting } from '@stet/visitors';
import { RedisStore as ConnectRedis } from 'connect-redis';
import session, { type Store } from 'express-session';
import { describe, expect, test } from 'vitest';
import { StetStore } from '../src/express-session.ts';
import { keysKeptAt } from './support/keys-kept.ts';
import { openSite } from './support/site.ts';
import { nodeRedis, redisStore, stores } from './support/stores.ts';

const requests = 50;

/** The stores that people run today. */
const stock: ReadonlyArray<readonly [name: string, open: () => Promise<Store>]> = [
  ['MemoryStore of express-session', async () => new session.MemoryStore()],
  ['connect-redis', async () => new ConnectRedis({ client: await nodeRedis() })],
];

/**
 * How many of 50 keys are kept that overlapping requests set, one each: all have loaded the session before the first
 * saves it.
 */
async function keysKept(...sharing: readonly Store[]): Promise<number> {
  const meeting = new Meeting(requests);
  const sites = await Promise.all(
    sharing.map((store) =>
      openSite(store, (app) => {
        app.get('/begin', (request, response) => {
          request.session.begun = true;
          response.send();
        });
        app.get('/set/:key', async (request, response) => {
          await meeting.join();
          request.session[request.params.key] = true;
          response.send();
        });
        app.get('/', (request, response) => void response.json(request.session));
      }),
    ),
  );
  const kept = await keysKeptAt(requests, ...sites.map(({ origin }) => origin));
  expect(sites.flatMap(({ errors }) => errors)).toEqual([]);
  return kept;
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
async function afterLogout(store: Store): Promise<{ told: string; found: unknown; errors: unknown[] }> {
  const underWay = [new Gate(), new Gate()];
  const { visitor: open, errors } = await openSite(store, (app) => {
    app.get('/log-in', (request, response) => {
      request.session.user = 'ada';
      response.send();
    });
    app.get('/log-out', (request, response, next) => {
      request.session.destroy((error) => (error ? next(error) : response.send()));
    });
    app.get('/waits', async (request, response, next) => {
      await underWay[0]?.pass();
      request.session.late = true;
      request.session.save((error) => (error ? next(error) : response.send('saved')));
    });
    app.get('/trusts', async (request, response) => {
      await underWay[1]?.pass();
      request.session.late = true;
      response.send('done');
    });
    app.get('/', (request, response) => void response.json(request.session.user ?? 'nobody'));
  });
  const visitor = open();
  await visitor.get('/log-in');
  const late = ['/waits', '/trusts'].map((path) => visitor.twin().text(path));
  await Promise.all(underWay.map(({ reached }) => reached));
  await visitor.get('/log-out');
  for (const gate of underWay) gate.open();
  const [told = ''] = await Promise.all(late);
  return { told, found: await visitor.json('/'), errors };
}

describe('a save after the logout', () => {
  test.each(stores)('creates nothing in a StetStore over %s, and is told so', async (_, open) => {
    const store = await open();
    const { told, found, errors } = await afterLogout(new StetStore({ store }));
    expect([told, found]).toEqual(['SESSION_GONE', 'nobody']);
    expect(await Array.fromAsync(store.entries())).toEqual([]);
    expect(errors).toMatchObject([{ code: 'SESSION_GONE' }, { code: 'SESSION_GONE' }]);
  });

  test.each(stock)('logs in again in %s: the tests bite', async (_, open) => {
    expect(await afterLogout(await open())).toEqual({ told: 'saved', found: 'ada', errors: [] });
  });
});

test('two middlewares that share a store share its sessions', async () => {
  const store = new StetStore({ store: new MemoryStore() });
  const { visitor: open } = await openSite(
    store,
    (app) => {
      const admin = session({ store, secret: 'x', resave: false, saveUninitialized: false, name: 'admin' });
      app.use('/admin', admin);
      app.get(['/put', '/admin/put'], (request, response) => {
        request.session.path = request.path;
        response.json(request.sessionID);
      });
    },
    { name: 'site' },
  );
  const visitor = open();
  expect(await visitor.json('/put')).toEqual(await visitor.json('/admin/put'));
});
