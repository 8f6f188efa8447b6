import { generateToken, idOf, type SessionRecord } from '@stet/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TieredStore } from '../src/index.ts';
import { type BackTier, startBack } from './tiers/backs.ts';
import { type FrontTier, startFront } from './tiers/fronts.ts';

const later = Date.UTC(2100, 0);
const draft = { data: '{"cart":["tea"]}', expiresAt: later };

/** What each call costs on the wire. Redis does each call of a front in one round trip, Memcached has to look first. */
const costs = {
  Redis: { hit: 1, lease: 1, fill: 1, replacement: 1, removal: 1 },
  Memcached: { hit: 1, lease: 2, fill: 2, replacement: 2, removal: 2 },
};

describe.each([
  ['Redis', 'PostgreSQL'],
  ['Memcached', 'MariaDB'],
] as const)('%s over %s', (frontName, backName) => {
  const { hit, lease, fill, replacement, removal } = costs[frontName];
  let frontTier: FrontTier;
  let backTier: BackTier;
  let store: TieredStore;
  let id: string;

  beforeAll(async () => {
    [frontTier, backTier] = await Promise.all([startFront(frontName), startBack(backName)]);
    const namespace = 'trips';
    store = new TieredStore({ front: await frontTier.open({ namespace }), back: await backTier.open({ namespace }) });
    // Connections are opened, scripts and settings known.
    id = idOf(generateToken());
    await store.create(id, draft);
    await store.update(id, await loaded(), draft);
    await store.touch(id, later + 1);
    await store.delete(id);
  });
  afterAll(async () => void (await Promise.all([frontTier.close(), backTier.close()])));
  beforeEach(async () => {
    id = idOf(generateToken());
    await store.create(id, draft);
  });

  async function loaded(): Promise<SessionRecord> {
    const record = await store.load(id);
    if (!record) throw new Error('The session that was just created is not there.');
    return record;
  }

  /** The round trips of a call to the front and to the back, as they went over the wire. */
  async function tripsOf(call: () => Promise<unknown>): Promise<{ front: number; back: number }> {
    const proxies = [frontTier.proxy, backTier.proxy];
    for (const proxy of proxies) proxy?.forget();
    await call();
    const [front = 0, back = 0] = proxies.map((proxy) => proxy?.exchanges.length);
    return { front, back };
  }

  it('a load that the front has asks nothing of the back', async () => {
    await store.load(id);
    expect(await tripsOf(() => store.load(id))).toEqual({ front: hit, back: 0 });
  });

  it('a load that the front lacks asks the back once', async () => {
    expect(await tripsOf(() => store.load(id))).toEqual({ front: lease + fill, back: 1 });
  });

  it('a save after a load is one round trip to the back, and one replacement in the front', async () => {
    await store.load(id);
    const base = await loaded();
    expect(await tripsOf(() => store.update(id, base, draft))).toEqual({ front: replacement, back: 1 });
    expect(await tripsOf(() => store.load(id))).toEqual({ front: hit, back: 0 });
  });

  it('a creation asks nothing of the front', async () => {
    expect(await tripsOf(() => store.create(idOf(generateToken()), draft))).toEqual({ front: 0, back: 1 });
  });

  it('a touch and a delete are one round trip to the back, and one removal from the front', async () => {
    await store.load(id);
    expect(await tripsOf(() => store.touch(id, later + 1))).toEqual({ front: removal, back: 1 });
    await store.load(id);
    expect(await tripsOf(() => store.delete(id))).toEqual({ front: removal, back: 1 });
  });
});
