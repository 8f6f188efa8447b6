import { setTimeout as sleep } from 'node:timers/promises';
import { type FrontStore, type IterableStore, type Session, type SessionStore, Sessions } from '@stet/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TieredStore } from '../src/index.ts';
import { atOnce } from './at-once.ts';
import { cachedDatabase } from './cached-database.ts';
import { type LateAnswers, withLateAnswers } from './late-answers.ts';
import { type BackTier, startBack } from './tiers/backs.ts';
import { type FrontTier, startFront } from './tiers/fronts.ts';

const logouts = 2_000;
const logoutsAtOnce = 50;
const readersEach = 3;

describe.each([
  ['Redis', 'PostgreSQL'],
  ['Memcached', 'MariaDB'],
] as const)('%s over %s', (frontName, backName) => {
  let frontTier: FrontTier;
  let backTier: BackTier;
  let front: FrontStore;
  let database: LateAnswers<IterableStore>;

  beforeAll(async () => {
    [frontTier, backTier] = await Promise.all([startFront(frontName), startBack(backName)]);
    front = await frontTier.open({ namespace: 'logouts' });
    database = withLateAnswers((await backTier.open({ namespace: 'logouts' })) as IterableStore, 30);
  });
  afterAll(async () => void (await Promise.all([frontTier.close(), backTier.close()])));

  it(`of ${logouts} sessions none can be read after its logout; with a plain cache each that was being read can`, async () => {
    const stet = await logOut(new TieredStore({ front, back: database.store }), database, logouts);
    const naive = await logOut(cachedDatabase(front, database.store), database, logouts / 10);
    console.log(
      `${frontName}/${backName}: read after their logout ${stet.readable} of ${logouts} sessions, ` +
        `with a plain cache ${naive.readable} of ${logouts / 10}`,
    );
    expect(stet.readable).toBe(0);
    expect(naive.readableThoughHeld).toBe(logouts / 20);
  });
});

/**
 * Ends sessions while others read them. The answer to a reader of every other session is late by as much as it takes:
 * it was given before the logout, and comes after it.
 */
async function logOut(
  store: SessionStore,
  database: LateAnswers<SessionStore>,
  count: number,
): Promise<{ readable: number; readableThoughHeld: number }> {
  const site = new Sessions<{ user?: string }>({ store });
  const isReadable = async ({ token }: Session): Promise<boolean> => !(await site.open(token)).isNew;
  let readable = 0;
  let readableThoughHeld = 0;
  await atOnce(
    logoutsAtOnce,
    Array.from({ length: count }, (_, at) => at % 2 === 0),
    async (isHeld) => {
      const session = await site.open();
      session.data.user = 'user-7';
      await session.save();
      const hold = isHeld ? database.hold(session.id) : undefined;
      const readers: Promise<unknown>[] = hold ? [site.open(session.token)] : [];
      await hold?.asked;
      for (let reader = 0; reader < readersEach; reader += 1) {
        readers.push(sleep(Math.random() * 15).then(() => site.open(session.token)));
      }
      await sleep(Math.random() * 15);
      await session.destroy();
      const atOnce = await isReadable(session);
      hold?.release();
      await Promise.all(readers);
      const later = await isReadable(session);
      if (atOnce || later) readable += 1;
      if (later && isHeld) readableThoughHeld += 1;
    },
  );
  return { readable, readableThoughHeld };
}
