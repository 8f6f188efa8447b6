import {
  type FrontStore,
  generateToken,
  idOf,
  MemoryStore,
  type SessionRecord,
  type SessionStore,
  Sessions,
} from '@stet/core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { DeleteUnconfirmedError, MigratingStore, TieredStore } from '../src/index.ts';
import { type BackTier, startBack } from './tiers/backs.ts';
import { type FrontTier, startFront } from './tiers/fronts.ts';

const hour = 3_600_000;
const draft = { data: '"first"', expiresAt: Date.now() + hour };
const namespace = 'hard';

let redis: FrontTier;
let postgres: BackTier;
let front: FrontStore;
let back: SessionStore;
let store: TieredStore;
beforeAll(async () => {
  [redis, postgres] = await Promise.all([startFront('Redis'), startBack('PostgreSQL')]);
  [front, back] = await Promise.all([redis.open({ namespace }), postgres.open({ namespace })]);
  store = new TieredStore({ front, back });
});
afterAll(async () => void (await Promise.all([redis.close(), postgres.close()])));

/** A session that is in both tiers. */
async function begun(): Promise<{ id: string; base: SessionRecord }> {
  const id = idOf(generateToken());
  await store.create(id, draft);
  const base = await store.load(id);
  if (!base) throw new Error('The session that was just created is not there.');
  return { id, base };
}

describe('Redis over PostgreSQL', () => {
  it('of many logouts at once one is told that it ended the session', async () => {
    const { id } = await begun();
    const told = await Promise.all(Array.from({ length: 20 }, () => store.delete(id)));
    expect(told.filter(Boolean)).toHaveLength(1);
  });

  it('an update over an entry that cannot be read is kept, and the entry goes', async () => {
    const { id, base } = await begun();
    await redis.spoil?.(namespace, id);
    expect((await store.update(id, base, { ...draft, data: '"second"' })).status).toBe('updated');
    expect(await store.load(id)).toMatchObject({ data: '"second"' });
    expect(await front.load(id)).toMatchObject({ data: '"second"' });
  });

  it('an update over a record that cannot be read says so, and leaves it as it is', async () => {
    const { id, base } = await begun();
    await postgres.spoil?.(namespace, id);
    await expect(store.update(id, base, draft)).rejects.toMatchObject({ code: 'STORE_CORRUPT_RECORD' });
    await expect(back.load(id)).rejects.toMatchObject({ code: 'STORE_CORRUPT_RECORD' });
    await store.delete(id);
    expect([await back.load(id), await store.load(id)]).toEqual([null, null]);
  });

  it('a session that was ended while the front could not be told stays ended, and so does every copy of it', async () => {
    const site = new Sessions<{ cart?: string }>({ store });
    const session = await site.open();
    session.data.cart = 'book';
    await session.save();
    const [here, there] = [await site.open(session.token), await site.open(session.token)];
    onTestFinished(() => redis.proxy?.set('none'));
    await redis.proxy?.set('refuse');
    await expect(here.destroy()).rejects.toBeInstanceOf(DeleteUnconfirmedError);
    expect((await site.open(session.token)).isNew).toBe(true);
    there.data.cart = 'stolen';
    await expect(there.save()).rejects.toMatchObject({ code: 'SESSION_GONE' });
    expect(await back.load(session.id)).toBeNull();
    await redis.proxy?.set('none');
    const elsewhere = new TieredStore({ front, back });
    await expect.poll(() => elsewhere.load(session.id), { timeout: 30_000 }).toBeNull();
  });
});

describe('a session under an id that was used before', () => {
  it.each([
    ['a tiered store', () => new TieredStore({ front: new MemoryStore(), back: new MemoryStore() })],
    ['a migrating store', () => new MigratingStore({ from: new MemoryStore(), to: new MemoryStore() })],
  ])('in %s is not changed by a save that was based on the one before', async (_, open) => {
    const tier = open();
    const id = idOf(generateToken());
    await tier.create(id, draft);
    const base = (await tier.load(id)) as SessionRecord;
    await tier.delete(id);
    const next = await tier.create(id, { ...draft, data: '"next"' });
    expect(await tier.update(id, base, { ...draft, data: '"stale"' })).toEqual({ status: 'conflict', current: next });
    expect(await tier.load(id)).toEqual(next);
  });

  it('that had not moved is not changed either', async () => {
    const from = new MemoryStore();
    const id = idOf(generateToken());
    const base = (await from.create(id, draft)) as SessionRecord;
    const tier = new MigratingStore({ from, to: new MemoryStore() });
    await tier.delete(id);
    const next = await tier.create(id, { ...draft, data: '"next"' });
    expect(await tier.update(id, base, { ...draft, data: '"stale"' })).toEqual({ status: 'conflict', current: next });
  });

  it('is not changed by what a front still has of the one before', async () => {
    const [memory, truth] = [new MemoryStore(), new MemoryStore()];
    const tier = new TieredStore({ front: memory, back: truth });
    const id = idOf(generateToken());
    await tier.create(id, draft);
    await tier.load(id);
    await truth.delete(id);
    const next = await truth.create(id, { ...draft, data: '"next"' });
    const stale = (await tier.load(id)) as SessionRecord;
    expect(stale.data).toBe('"first"');
    expect(await tier.update(id, stale, draft)).toEqual({ status: 'conflict', current: next });
    expect(await tier.load(id)).toEqual(next);
  });
});

it('a clock with fractions gives whole instants', async () => {
  const now = () => Math.floor(Date.now()) + 0.5;
  const memory = new MemoryStore({ now });
  const tier = new TieredStore({ front: memory, back: new MemoryStore({ now }), now });
  const id = idOf(generateToken());
  await tier.create(id, draft);
  const base = (await tier.load(id)) as SessionRecord;
  expect((await tier.update(id, base, draft)).status).toBe('updated');
  expect(Number.isInteger((await tier.load(id))?.createdAt)).toBe(true);
  await memory.close();
  const error = await tier.delete(id).catch((thrown: unknown) => thrown);
  expect(Number.isInteger((error as DeleteUnconfirmedError).mayBeServedUntil)).toBe(true);
});
