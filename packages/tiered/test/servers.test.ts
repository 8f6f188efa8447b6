import { setTimeout as sleep } from 'node:timers/promises';
import { generateToken, idOf, type SessionStore, Sessions } from '@stet/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TieredStore } from '../src/index.ts';
import { type Servers, startServers, storesOn } from './servers.ts';

let servers: Servers;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());

const lifeMs = 3_600_000;
const rounds = 150;

/** A cache as it is often put in front of a database: whoever misses fills it. */
function cacheAside(cache: Servers['client'], back: SessionStore): Pick<SessionStore, 'create' | 'load' | 'delete'> {
  const key = (id: string) => `naive:${id}`;
  return {
    create: (id, draft) => back.create(id, draft),
    async load(id) {
      const hit = await cache.get(key(id));
      if (hit !== null) return JSON.parse(hit);
      const record = await back.load(id);
      if (record) await cache.set(key(id), JSON.stringify(record), 'PX', lifeMs);
      return record;
    },
    async delete(id) {
      const wasLive = await back.delete(id);
      await cache.del(key(id));
      return wasLive;
    },
  };
}

/** The reads of a database that is busy: some answers take longer on their way. */
function withSlowLoads<S extends SessionStore>(store: S): S {
  const load: S['load'] = async (id, options) => {
    const record = await store.load(id, options);
    await sleep(Math.random() * 10);
    return record;
  };
  return new Proxy(store, {
    get(target, name) {
      const member = name === 'load' ? load : Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

/** Sessions that are ended while others read them, and may still be read afterwards. */
async function survivorsOfLogout(store: Pick<SessionStore, 'create' | 'load' | 'delete'>): Promise<number> {
  let survivors = 0;
  for (let round = 0; round < rounds; round += 1) {
    const id = idOf(generateToken());
    await store.create(id, { data: '{}', expiresAt: Date.now() + lifeMs });
    const readers = Array.from({ length: 4 }, async () => {
      await sleep(Math.random() * 4);
      await store.load(id);
    });
    await sleep(Math.random() * 4);
    await store.delete(id);
    const atOnce = await store.load(id);
    await Promise.all(readers);
    if (atOnce || (await store.load(id))) survivors += 1;
  }
  return survivors;
}

describe('on Redis and PostgreSQL', () => {
  it('no late fill brings a session back after its logout; with a plain cache it does', async () => {
    const { front, back } = await storesOn(servers, { namespace: 'logout' });
    const slow = withSlowLoads(back);
    const survivors = await survivorsOfLogout(new TieredStore({ front, back: slow }));
    const naive = await survivorsOfLogout(cacheAside(servers.client, slow));
    console.log(`of ${rounds} sessions read after their logout: tiered store ${survivors}, plain cache ${naive}`);
    expect(survivors).toBe(0);
    expect(naive).toBeGreaterThan(0);
  });

  it.each([
    ['through the same tiered store', true],
    ['through the database alone', false],
  ])('the flag that a job wrote %s survives the next page view', async (_, isShared) => {
    const { front, back } = await storesOn(servers, { namespace: isShared ? 'joba' : 'jobb' });
    const store = new TieredStore({ front, back });
    const site = new Sessions<{ cart?: string[]; emailSent?: boolean }>({ store });
    const session = await site.open();
    session.data.cart = ['book'];
    await session.save();
    const page = await site.open(session.token);
    await site.open(session.token);

    const jobs = isShared ? site : new Sessions<{ emailSent?: boolean }>({ store: back });
    await jobs.transact(session.id, (found) => {
      found.data.emailSent = true;
    });

    page.data.cart?.push('pen');
    await page.save();
    const next = await site.open(session.token);
    expect(next.data).toEqual({ cart: ['book', 'pen'], emailSent: true });
    expect((await site.open(session.token, { fresh: true })).data).toEqual(next.data);
  });
});
