import { generateToken, hasFacet, idOf, type SessionStore } from '@stet/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TieredStore } from '../src/index.ts';
import { type BackTier, startBack } from './tiers/backs.ts';
import { type FrontTier, startFront } from './tiers/fronts.ts';

const hour = 3_600_000;

/**
 * What may have happened to a session when the database is taken away. Each ends with the front holding it, but for the
 * last two.
 */
const histories: Record<string, (store: SessionStore, id: string) => Promise<unknown>> = {
  read: (store, id) => store.load(id),
  'saved once': (store, id) => saved(store, id, 1),
  'saved three times': (store, id) => saved(store, id, 3),
  'touched and read': async (store, id) => {
    await store.load(id);
    await store.touch(id, Date.now() + 2 * hour);
    await store.load(id);
  },
  'never read': async () => {},
  'logged out': async (store, id) => {
    await store.load(id);
    await store.delete(id);
  },
};
const heldHistories = ['read', 'saved once', 'saved three times', 'touched and read'];
const sessionsEach = 50;

async function saved(store: SessionStore, id: string, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const base = await store.load(id);
    if (!base) throw new Error('The session is not there.');
    await store.update(id, base, { ...base, data: `"saved ${time + 1}"`, expiresAt: base.expiresAt + 1_000 });
  }
}

describe.each([
  ['Redis', 'PostgreSQL'],
  ['Memcached', 'MariaDB'],
] as const)('%s over %s, then the front alone with the same prefix', (frontName, backName) => {
  let frontTier: FrontTier;
  let backTier: BackTier;
  beforeAll(async () => {
    [frontTier, backTier] = await Promise.all([startFront(frontName), startBack(backName)]);
  });
  afterAll(async () => void (await Promise.all([frontTier.close(), backTier.close()])));

  it('loses no session that the front holds, and each goes on as it was in the back', async () => {
    const namespace = 'alone';
    const back = await backTier.open({ namespace });
    const tiered = new TieredStore({ front: await frontTier.open({ namespace }), back });
    const sessions = Object.entries(histories).flatMap(([history, live]) =>
      Array.from({ length: sessionsEach }, (_, at) => {
        const id = idOf(generateToken());
        return { id, history, live, subject: `user-${at}` };
      }),
    );
    await Promise.all(
      sessions.map(async ({ id, live, subject }) => {
        await tiered.create(id, { data: '"new"', expiresAt: Date.now() + hour, createdAt: Date.now() - hour, subject });
        await live(tiered, id);
      }),
    );
    await tiered.close();

    const alone = await frontTier.open({ namespace });
    for (const { id, history } of sessions) {
      const [inFront, inBack] = [await alone.load(id), await back.load(id)];
      expect(inFront !== null, `the front holds a session that was ${history}`).toBe(heldHistories.includes(history));
      if (!inFront) continue;
      expect(inFront).toEqual(inBack);
      const next = await alone.update(id, inFront, { ...inFront, data: '"goes on"' });
      expect(next).toMatchObject({ status: 'updated', record: { revision: inFront.revision + 1 } });
    }
    if (!hasFacet(alone, 'bySubject')) return;
    for (let at = 0; at < sessionsEach; at += 1) {
      const theirs = sessions.filter(
        ({ history, subject }) => heldHistories.includes(history) && subject === `user-${at}`,
      );
      const found = await alone.bySubject(`user-${at}`);
      expect(found.map(([id]) => id).toSorted()).toEqual(theirs.map(({ id }) => id).toSorted());
    }
  });
});
