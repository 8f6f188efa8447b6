import { type FrontStore, type IterableStore, Sessions } from '@stet/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TieredStore } from '../src/index.ts';
import { atOnce } from './at-once.ts';
import { cachedDatabase } from './cached-database.ts';
import { jobElsewhere, jobOn } from './shop/job.ts';
import { type Shop, shopWhileFlagged, type Takings } from './shop/shop.ts';
import { type BackTier, startBack } from './tiers/backs.ts';
import { type FrontTier, startFront } from './tiers/fronts.ts';

const visitors = 1_000;

const pairs = [
  { frontName: 'Redis', backName: 'PostgreSQL' },
  { frontName: 'Memcached', backName: 'MariaDB' },
  { frontName: 'Memory', backName: 'SQLite' },
] as const;

describe.each(pairs)('$frontName over $backName: a job flags carts', ({ frontName, backName }) => {
  const nothingLost = { flags: visitors, flagsLost: 0, itemsLost: 0, viewsWithoutItem: 0 };
  let frontTier: FrontTier;
  let backTier: BackTier;
  beforeAll(async () => {
    [frontTier, backTier] = await Promise.all([startFront(frontName), startBack(backName)]);
  });
  afterAll(async () => void (await Promise.all([frontTier.close(), backTier.close()])));

  async function openBoth(namespace: string, now?: () => number): Promise<{ front: FrontStore; back: IterableStore }> {
    const settings = { namespace, ...(now && { now }) };
    return { front: await frontTier.open(settings), back: (await backTier.open(settings)) as IterableStore };
  }

  it('through the same tiered store: nothing is lost, and no page view misses a flag', async () => {
    const namespace = 'shared';
    const store = new TieredStore(await openBoth(namespace));
    const job = frontTier.isShared ? jobElsewhere({ namespace, back: backName, front: frontName }) : jobOn(store);
    const takings = await shopWhileFlagged(store, visitors, job);
    tell('a job through the tiered store', takings);
    expect(takings).toMatchObject({ ...nothingLost, viewsWithoutFlag: 0 });
  });

  it('through the database alone: nothing is lost', async () => {
    const namespace = 'bypassed';
    const store = new TieredStore(await openBoth(namespace));
    const takings = await shopWhileFlagged(store, visitors, jobElsewhere({ namespace, back: backName }));
    tell('a job through the database alone', takings);
    expect(takings).toMatchObject(nothingLost);
  });

  it('through the database alone: a page view shows the flag at the latest after maxStalenessMs', async () => {
    const clock = { now: Date.now() };
    const now = (): number => clock.now;
    const { front, back } = await openBoth('clocked', now);
    const maxStalenessMs = 30_000;
    const site = new Sessions<Shop>({ store: new TieredStore({ front, back, maxStalenessMs, now }), now });
    const tokens: string[] = [];
    await atOnce(32, Array.from({ length: 100 }), async () => {
      const session = await site.open();
      session.data.cart = [];
      await session.save();
      tokens.push(String(session.token));
      // The entries get ages of their own.
      clock.now += Math.floor(Math.random() * 200);
      await site.open(session.token);
    });
    await jobOn(back)(() => {});
    const stale = async (): Promise<number> => {
      const pages = await Promise.all(tokens.map((token) => site.open(token)));
      return pages.filter(({ data }) => !data.emailSent).length;
    };
    expect(await stale()).toBeGreaterThan(0);
    clock.now += maxStalenessMs;
    expect(await stale()).toBe(0);
  });

  it('on a plain cached database: every flag is lost, and items with it', async () => {
    const namespace = 'naive';
    const { front, back } = await openBoth(namespace);
    const job = jobElsewhere({ namespace, back: backName });
    const few = 100;
    const takings = await shopWhileFlagged(cachedDatabase(front, back), few, job);
    tell(`a plain cached database with ${few} visitors`, takings);
    expect(takings).toMatchObject({ flags: few, flagsLost: few });
    expect(takings.itemsLost).toBeGreaterThanOrEqual(2 * few);
  });

  function tell(what: string, { items, flagsLost, itemsLost, viewsWithoutFlag, pageViews }: Takings): void {
    console.log(
      `${frontName}/${backName}, ${what}: ${pageViews} page views, ${viewsWithoutFlag} of them behind the flag, ` +
        `${flagsLost} flags and ${itemsLost} of ${items} items lost`,
    );
  }
});
