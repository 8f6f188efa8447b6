import { generateToken, idOf, isStoreError, type SessionRecord, type SessionStore } from '@stet/core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { DeleteUnconfirmedError, MigratingStore, TieredStore } from '../src/index.ts';
import { eventsOn } from './observed.ts';
import { type BackTier, startBack } from './tiers/backs.ts';
import { type FrontTier, startFront } from './tiers/fronts.ts';

// Longer than a test may take: what settles here does so within the deadline of the store on top.
const hour = 3_600_000;
const timeoutMs = 1_000;
const draft = { data: '"first"', expiresAt: Date.now() + hour };

let redis: FrontTier;
let postgres: BackTier;
beforeAll(async () => {
  [redis, postgres] = await Promise.all([startFront('Redis'), startBack('PostgreSQL')]);
});
afterAll(async () => void (await Promise.all([redis.close(), postgres.close()])));

async function stall(tier: FrontTier | BackTier): Promise<void> {
  onTestFinished(() => tier.proxy?.set('none'));
  await tier.proxy?.set('stall');
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => 'none',
    (thrown: unknown) => thrown,
  );
  return isStoreError(error) ? error.code : String(error);
}

/** A session that was loaded, and so is in the front, where there is one. */
async function begun(store: SessionStore): Promise<{ id: string; base: SessionRecord }> {
  const id = idOf(generateToken());
  await store.create(id, draft);
  const base = await store.load(id);
  if (!base) throw new Error('The session that was just created is not there.');
  return { id, base };
}

describe('the tiered store, with stores that wait for an hour', () => {
  let store: TieredStore;
  beforeAll(async () => {
    const settings = { namespace: 'patient', timeoutMs: hour };
    store = new TieredStore({ front: await redis.open(settings), back: await postgres.open(settings), timeoutMs });
  });

  it('goes on with the back when the front stalls', async () => {
    const unconfirmed = eventsOn('stet:tiered:invalidation-unconfirmed');
    const [{ id, base }, { id: other }] = [await begun(store), await begun(store)];
    await stall(redis);
    expect(await store.load(id)).toMatchObject({ data: '"first"' });
    expect((await store.update(id, base, draft)).status).toBe('updated');
    expect(unconfirmed).toMatchObject([{ id }]);
    await expect(store.delete(other)).rejects.toBeInstanceOf(DeleteUnconfirmedError);
    expect(await store.load(other)).toBeNull();
  });

  it('says what is known when the back stalls, and what happened is whole', async () => {
    const [{ id, base }, { id: other }, { id: third }] = [await begun(store), await begun(store), await begun(store)];
    await stall(postgres);
    expect(await store.load(id)).toMatchObject({ data: '"first"' });
    const calls = [
      store.load(id, { fresh: true }),
      store.update(id, base, { ...draft, data: '"second"' }),
      store.touch(other, draft.expiresAt + 1),
      store.delete(third),
      store.create(idOf(generateToken()), draft),
    ];
    const codes = ['STORE_TIMEOUT', ...Array.from({ length: 4 }, () => 'STORE_AMBIGUOUS')];
    expect(await Promise.all(calls.map(codeOf))).toEqual(codes);
    await postgres.proxy?.set('none');
    expect(['"first"', '"second"']).toContain((await store.load(id, { fresh: true }))?.data);
  });
});

describe('the migrating store, with stores that wait for an hour', () => {
  let from: SessionStore;
  let store: MigratingStore;
  beforeAll(async () => {
    const settings = { namespace: 'moving', timeoutMs: hour };
    from = await postgres.open(settings);
    store = new MigratingStore({ from, to: await redis.open(settings), timeoutMs });
  });

  it.each([
    ['where sessions come from', () => postgres],
    ['where they go', () => redis],
  ])('says what is known when %s stalls, and the session is not lost', async (_, tierOf) => {
    const { id, base } = await begun(from);
    await stall(tierOf());
    const calls = [store.load(id), store.update(id, base, draft), store.touch(id, draft.expiresAt + 1)];
    const codes = await Promise.all(calls.map(codeOf));
    expect(codes[0]).toBe('STORE_TIMEOUT');
    for (const code of codes.slice(1)) expect(['STORE_AMBIGUOUS', 'STORE_UNAVAILABLE']).toContain(code);
    await tierOf().proxy?.set('none');
    expect(await store.load(id)).toMatchObject({ data: '"first"', createdAt: base.createdAt });
  });
});
