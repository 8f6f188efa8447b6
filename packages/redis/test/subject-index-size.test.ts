import { generateToken, idOf, Sessions } from '@stet/core';
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from '@stet/services';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RedisStore } from '../src/index.ts';
import { indexKey, listingFor } from '../src/listing/subject-index.ts';
import { connection } from './target.ts';

const minuteMs = 60_000;
let clock = Date.now();
const now = (): number => clock;

let server: RedisServer;
let proxy: FaultProxy;
let client: Redis;
let direct: Redis;
let store: RedisStore;
let subject = '';

beforeAll(async () => {
  server = await startRedis();
  proxy = await startFaultProxy(server.port);
  client = new Redis(proxy.port, connection);
  direct = new Redis(server.port, connection);
  store = new RedisStore({ client, now });
});
afterAll(async () => {
  for (const each of [client, direct]) each.disconnect();
  await proxy.close();
  await server.stop();
});
let count = 0;
beforeEach(() => {
  subject = `user-${count}`;
  count += 1;
});

async function signIn(data = ''): Promise<string> {
  const id = idOf(generateToken());
  await store.create(id, { data, expiresAt: clock + minuteMs, subject });
  return id;
}

const listedIds = (): Promise<string[]> => direct.zrange(indexKey('sess:', subject), '0', '-1');
const idsFound = async (): Promise<string[]> => (await store.bySubject(subject)).map(([id]) => id).toSorted();

describe('a session leaves the index of its subject', () => {
  it('when it is deleted', async () => {
    const [id, other] = [await signIn(), await signIn()];
    await store.delete(id);
    await expect.poll(listedIds).toEqual([other]);
  });

  it('when an update ends it', async () => {
    const id = await signIn();
    const record = await store.load(id);
    if (record) await store.update(id, record, { data: 'end', expiresAt: clock });
    await expect.poll(listedIds).toEqual([]);
  });

  it('when it gets another subject', async () => {
    const id = await signIn();
    const record = await store.load(id);
    if (record) await store.update(id, record, { ...record, subject: `${subject} renamed` });
    await expect.poll(listedIds).toEqual([]);
    expect((await store.bySubject(`${subject} renamed`)).map(([found]) => found)).toEqual([id]);
  });

  it('when a fill replaces it by one of another subject', async () => {
    const id = await signIn();
    const entry = await store.loadOrLease(id);
    if (entry.status === 'hit') await store.replaceIf(id, entry.token, { ...entry.record, subject: 'other' });
    await expect.poll(listedIds).toEqual([]);
  });

  it('when it was touched and updated before', async () => {
    const id = await signIn();
    await store.touch(id, clock + 500 * minuteMs);
    const record = await store.load(id);
    if (record) await store.update(id, record, { ...record, expiresAt: clock + 5_000 * minuteMs });
    expect(await store.delete(id)).toBe(true);
    await expect.poll(listedIds).toEqual([]);
  });

  it('when it moves to another token', async () => {
    const sessions = new Sessions<{ cart: string[] }>({ store });
    const session = await sessions.open(undefined);
    session.data.cart = ['book'];
    session.subject = subject;
    await session.save();
    await session.regenerate();
    await expect.poll(listedIds).toEqual([idOf(String(session.token))]);
  });
});

describe('what is listed and has no session', () => {
  it('goes when bySubject comes past it, once it is older than any write that may be under way', async () => {
    const ids = await Promise.all(Array.from({ length: 250 }, () => signIn()));
    const [staying, ...lost] = ids;
    await direct.del(lost.map((id) => `sess:${id}`));
    expect(await idsFound()).toEqual([staying]);
    expect(await listedIds()).toHaveLength(250);
    clock += 1.5 * minuteMs;
    // It has ended as well, by its expiry.
    expect(await idsFound()).toEqual([]);
    expect(await listedIds()).toEqual([]);
  });

  it('stays while it is young, so that the session that is about to be written is not missed', async () => {
    const id = idOf(generateToken());
    const expiresAt = clock + minuteMs;
    // The listing has arrived, and the session is still under way.
    await direct.zadd(indexKey('sess:', subject), listingFor(expiresAt, clock), id);
    expect(await idsFound()).toEqual([]);
    expect(await listedIds()).toEqual([id]);
  });
});

describe('bySubject', () => {
  it('reads a bounded number of sessions at a time, and finds all of them', async () => {
    const ids = await Promise.all(Array.from({ length: 1_000 }, () => signIn()));
    proxy.forget();
    expect(await idsFound()).toEqual(ids.toSorted());
    const commands = proxy.exchanges.map(({ request }) => String(request).split('\r\nGET\r\n').length - 1);
    expect(Math.max(...commands)).toBeLessThanOrEqual(100);
    expect(commands.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(1_000);
  });

  it('costs nothing for sessions that have ended', async () => {
    const ids = await Promise.all(Array.from({ length: 500 }, () => signIn()));
    const staying = await signIn();
    await Promise.all(ids.map((id) => store.delete(id)));
    await expect.poll(listedIds).toEqual([staying]);
    proxy.forget();
    expect(await idsFound()).toEqual([staying]);
    expect(proxy.exchanges).toHaveLength(2);
  });

  it('finds once what lives all through, whatever comes, goes and is put off meanwhile', async () => {
    const steady = await Promise.all(Array.from({ length: 400 }, () => signIn()));
    let isDone = false;
    const churn = async (): Promise<void> => {
      while (!isDone) {
        const id = await signIn();
        await store.touch(steady[Math.floor(Math.random() * steady.length)] as string, clock + 100 * minuteMs);
        await store.delete(id);
      }
    };
    const churning = [churn(), churn(), churn()];
    for (let round = 0; round < 10; round += 1) {
      const found = await idsFound();
      expect(new Set(found).size).toBe(found.length);
      expect(steady.filter((id) => !found.includes(id))).toEqual([]);
    }
    isDone = true;
    await Promise.all(churning);
  });
});

describe('a process that dies at any moment', () => {
  /** Each makes a session that the subject's index knows of for a minute, and puts it off for longer. */
  const writes: ReadonlyArray<readonly [string, (from: RedisStore, id: string) => Promise<unknown>]> = [
    [
      'a touch',
      async (from, id) => {
        await store.create(id, { data: '', expiresAt: clock + minuteMs, subject });
        await from.touch(id, clock + 1_000 * minuteMs);
      },
    ],
    [
      'a sign-in that does not know of a touch',
      async (from, id) => {
        const record = await store.create(id, { data: '', expiresAt: clock + minuteMs });
        await store.touch(id, clock + 1_000 * minuteMs);
        if (record) await from.update(id, record, { ...record, subject });
      },
    ],
  ];
  it.each(writes)('in the midst of %s leaves no session that bySubject misses', async (_, write) => {
    for (const keptBack of [1, 2, 3, 4]) {
      const id = idOf(generateToken());
      // It never connects again: to the server it is dead from then on.
      const mortal = new Redis(proxy.port, { ...connection, retryStrategy: () => null, enableAutoPipelining: false });
      mortal.on('error', () => {});
      const dying = new RedisStore({ client: mortal, now });
      await dying.load(id);
      let commands = 0;
      const { call } = mortal;
      mortal.call = ((...args: Parameters<typeof call>) => {
        commands += 1;
        if (commands === keptBack) mortal.disconnect();
        return call.apply(mortal, args);
      }) as typeof call;
      await write(dying, id).catch(() => {});
      mortal.disconnect();
      clock += 900 * minuteMs;
      const other = await signIn();
      const isOfSubject = (await store.load(id))?.subject === subject;
      expect(await idsFound(), `at command ${keptBack}`).toEqual(isOfSubject ? [id, other].toSorted() : [other]);
      await store.delete(other);
      await store.delete(id);
    }
  });
});
