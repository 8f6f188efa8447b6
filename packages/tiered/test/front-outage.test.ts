import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type Session, Sessions } from '@stet/core';
import { type MemcachedServer, type RedisServer, startFaultProxy, startMemcached, startRedis } from '@stet/services';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { DeleteUnconfirmedError, TieredStore } from '../src/index.ts';
import { type BackTier, startBack } from './tiers/backs.ts';
import { frontKinds } from './tiers/fronts.ts';

const fronts = { Redis: startRedis, Memcached: startMemcached };

/** Ways to lose a front for a while: each starts one, takes it away and gives it back. */
const mishaps = {
  async 'is killed, and started again without entries'(start: Start): Promise<Mishap> {
    let server = await start();
    return {
      port: server.port,
      begin: async () => void process.kill(server.pid, 'SIGKILL'),
      async end() {
        await server.stop();
        server = await start({ port: server.port });
      },
      stop: () => server.stop(),
    };
  },
  async 'cannot be reached, and comes back with the entries of before'(start: Start): Promise<Mishap> {
    const server = await start();
    const proxy = await startFaultProxy(server.port);
    return {
      port: proxy.port,
      begin: () => proxy.set('refuse'),
      end: () => proxy.set('none'),
      async stop() {
        await proxy.close();
        await server.stop();
      },
    };
  },
};
const cases = Object.entries(fronts).flatMap(([name, start]) =>
  Object.entries(mishaps).map(([what, begin]) => ({
    name: name as keyof typeof fronts,
    what,
    prepare: () => begin(start),
  })),
);

const visitors = 40;
const many = 400;
const patience = { timeout: 30_000, interval: 5 };

type Start = (options?: { readonly port?: number }) => Promise<RedisServer | MemcachedServer>;

interface Mishap {
  readonly port: number;
  begin(): Promise<void>;
  end(): Promise<void>;
  stop(): Promise<void>;
}

interface Shop {
  visits?: number;
}

interface Traffic {
  /** How many requests have been served. Throws where one was not. */
  served(): number;
  /** The visits of each token. */
  end(): Promise<ReadonlyMap<string, number>>;
}

let backTier: BackTier;
beforeAll(async () => {
  backTier = await startBack('PostgreSQL');
});
afterAll(() => backTier.close());

it.each(cases)('$name $what: no request fails, and nothing is lost', async ({ name, what, prepare }) => {
  const namespace = `outage${cases.findIndex((each) => each.name === name && each.what === what)}`;
  const mishap = await prepare();
  onTestFinished(() => mishap.stop());
  const connection = frontKinds[name].connect(`${name.toLowerCase()}://127.0.0.1:${mishap.port}`);
  onTestFinished(() => connection.close());
  const front = await connection.open({ namespace });
  const back = await backTier.open({ namespace });
  const store = new TieredStore({ front, back });
  onTestFinished(() => store.close());
  const site = new Sessions<Shop>({ store });
  const hits = idsOf('hit');
  const failures = idsOf('front-unreachable');

  const leaving = await Promise.all(Array.from({ length: 10 }, () => arrive(site)));
  const traffic = startTraffic(site, await Promise.all(Array.from({ length: visitors }, () => arrive(site))));
  await vi.waitUntil(() => traffic.served() > many && hits.size >= visitors, patience);

  await mishap.begin();
  await vi.waitUntil(() => failures.size > 0, patience);
  const before = traffic.served();
  await vi.waitUntil(() => traffic.served() - before > many, patience);
  for (const session of leaving) await expect(session.destroy()).rejects.toBeInstanceOf(DeleteUnconfirmedError);
  expect(await readable(site, leaving)).toBe(0);

  await mishap.end();
  hits.clear();
  await vi.waitUntil(() => traffic.served() > 0 && hits.size >= visitors, patience);
  expect(await readable(site, leaving)).toBe(0);
  const visits = await traffic.end();

  const elsewhere = new Sessions<Shop>({ store: new TieredStore({ front, back }) });
  for (const [token, count] of visits) {
    expect((await elsewhere.open(token)).data.visits).toBe(count);
    expect((await elsewhere.open(token, { fresh: true })).data.visits).toBe(count);
  }
  await vi.waitUntil(async () => (await readable(elsewhere, leaving)) === 0, patience);
  console.log(`${name} ${what}: ${traffic.served()} requests, none failed`);
});

async function readable(site: Sessions<Shop>, sessions: readonly Session<Shop>[]): Promise<number> {
  const pages = await Promise.all(sessions.map(({ token }) => site.open(token)));
  return pages.filter(({ isNew }) => !isNew).length;
}

async function arrive(site: Sessions<Shop>): Promise<Session<Shop>> {
  const session = await site.open();
  session.data.visits = 0;
  await session.save();
  return site.open(session.token);
}

/** Each visitor makes one request after the other, and finds what the one before has saved. */
function startTraffic(site: Sessions<Shop>, sessions: readonly Session<Shop>[]): Traffic {
  const visits = new Map(sessions.map(({ token }) => [String(token), 0]));
  let isOver = false;
  let served = 0;
  let failure: { readonly error: unknown } | undefined;
  const visiting = Array.from(visits.keys(), async (token) => {
    while (!isOver) {
      const page = await site.open(token);
      expect(page.data.visits).toBe(visits.get(token));
      page.update('visits', (count = 0) => count + 1);
      await page.save();
      visits.set(token, Number(page.data.visits));
      served += 1;
    }
  });
  const all = Promise.all(visiting).catch((error: unknown) => {
    failure = { error };
  });
  const assertSound = (): void => {
    if (failure) throw failure.error;
  };
  return {
    served() {
      assertSound();
      return served;
    },
    async end() {
      isOver = true;
      await all;
      assertSound();
      return visits;
    },
  };
}

/** The sessions of which the tiered stores tell an event from now on. */
function idsOf(event: string): Set<string> {
  const ids = new Set<string>();
  const listen = (message: unknown): void => void ids.add((message as { id: string }).id);
  subscribe(`stet:tiered:${event}`, listen);
  onTestFinished(() => void unsubscribe(`stet:tiered:${event}`, listen));
  return ids;
}
