import {
  type FrontStore,
  idOf,
  isStoreError,
  MemoryStore,
  type SessionRecord,
  type SessionStore,
  StoreError,
} from '@stet/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DeleteUnconfirmedError, TieredStore } from '../src/index.ts';
import { eventsOn, observed } from './observed.ts';

const id = idOf('visitor');
const maxStalenessMs = 30_000;
const hour = 3_600_000;

async function setUp({ frontBytes = 1_000_000 } = {}) {
  const clock = { now: 1_800_000_000_000 };
  const now = () => clock.now;
  const front = observed<FrontStore>(new MemoryStore({ now, maxDataBytes: frontBytes }));
  const back = observed<SessionStore>(new MemoryStore({ now }));
  const store = new TieredStore({ front: front.store, back: back.store, maxStalenessMs, now });
  const draft = { data: '"first"', expiresAt: clock.now + hour };
  await store.create(id, draft);
  const forget = () => {
    front.calls.length = 0;
    back.calls.length = 0;
  };
  forget();
  return { clock, front, back, store, draft, forget };
}

const eventsOf = (event: string) => eventsOn(`stet:tiered:${event}`);
const loaded = async (store: SessionStore): Promise<SessionRecord> => {
  const record = await store.load(id);
  if (!record) throw new Error('no record');
  return record;
};
const down = new StoreError('STORE_UNAVAILABLE', 'down');

describe('round trips', () => {
  it('a load that hits asks the front once, and the save after it each tier once', async () => {
    const { front, back, store, draft, forget } = await setUp();
    await store.load(id);
    forget();
    let base = await loaded(store);
    expect([front.calls, back.calls]).toEqual([['loadOrLease'], []]);
    for (const data of ['"second"', '"third"']) {
      forget();
      const result = await store.update(id, base, { ...draft, data });
      expect([front.calls, back.calls]).toEqual([['replaceIf'], ['update']]);
      if (result.status === 'updated') base = result.record;
    }
    forget();
    expect((await loaded(store)).data).toBe('"third"');
    expect(back.calls).toEqual([]);
  });

  it('the save after a load that missed does as well', async () => {
    const { front, back, store, draft, forget } = await setUp();
    const base = await loaded(store);
    expect([front.calls, back.calls]).toEqual([['loadOrLease', 'replaceIf'], ['load']]);
    forget();
    await store.update(id, base, draft);
    expect([front.calls, back.calls]).toEqual([['replaceIf'], ['update']]);
  });

  it('a fresh load asks the back alone', async () => {
    const { front, back, store } = await setUp();
    await store.load(id);
    await back.store.delete(id);
    expect(await store.load(id)).not.toBeNull();
    front.calls.length = 0;
    expect(await store.load(id, { fresh: true })).toBeNull();
    expect(front.calls).toEqual([]);
  });
});

describe('staleness', () => {
  it('an entry that another program made stale serves for less than the bound, and is then filled anew', async () => {
    const { clock, back, store, draft } = await setUp();
    await back.store.update(id, await loaded(store), { ...draft, data: '"by another"' });
    expect((await loaded(store)).data).toBe('"first"');
    clock.now += maxStalenessMs;
    expect((await loaded(store)).data).toBe('"by another"');
    back.calls.length = 0;
    await store.load(id);
    expect(back.calls).toEqual([]);
  });

  it('an entry from the future is not trusted', async () => {
    const { clock, back, store } = await setUp();
    await store.load(id);
    clock.now -= 1;
    back.calls.length = 0;
    await store.load(id);
    expect(back.calls).toEqual(['load']);
  });

  it('a record that took long to read does not start a new age in the front', async () => {
    const { clock, front, back, store } = await setUp();
    const load = back.store.load.bind(back.store);
    vi.spyOn(back.store, 'load').mockImplementationOnce(async () => {
      const record = await load(id);
      clock.now += maxStalenessMs;
      return record;
    });
    await store.load(id);
    expect(await front.store.load(id)).toBeNull();
  });

  it('a save on top of a stale entry loses nothing, and repairs the entry', async () => {
    const { back, store, draft } = await setUp();
    const repaired = eventsOf('stale-entry-repaired');
    const base = await loaded(store);
    await back.store.update(id, base, { ...draft, data: '"emailSent"' });
    const result = await store.update(id, base, { ...draft, data: '"cart"' });
    expect(result).toMatchObject({ status: 'conflict', current: { data: '"emailSent"' } });
    expect(repaired).toEqual([{ id }]);
    back.calls.length = 0;
    expect((await loaded(store)).data).toBe('"emailSent"');
    expect(back.calls).toEqual([]);
  });

  it.each(['touch', 'update'] as const)('%s of a record that is gone takes it from the front', async (method) => {
    const { back, store, draft } = await setUp();
    const base = await loaded(store);
    await back.store.delete(id);
    await (method === 'touch' ? store.touch(id, draft.expiresAt) : store.update(id, base, draft));
    expect(await store.load(id)).toBeNull();
  });

  it('a write whose outcome is open leaves nothing in the front', async () => {
    const { front, back, store, draft } = await setUp();
    const base = await loaded(store);
    back.failure = new StoreError('STORE_AMBIGUOUS', 'no reply');
    await expect(store.update(id, base, draft)).rejects.toBe(back.failure);
    expect(await front.store.load(id)).toBeNull();
  });

  it('a record too large for the front is served by the back, and no older one by the front', async () => {
    const { store, front, draft } = await setUp({ frontBytes: 100 });
    const data = JSON.stringify('x'.repeat(200));
    await store.update(id, await loaded(store), { ...draft, data });
    expect((await loaded(store)).data).toBe(data);
    expect(await front.store.load(id)).toBeNull();
  });
});

describe('a front that fails', () => {
  it('is no failure of a load, and is reported', async () => {
    const { front, store } = await setUp();
    const unreachable = eventsOf('front-unreachable');
    front.failure = down;
    expect((await loaded(store)).data).toBe('"first"');
    expect(unreachable).toEqual([{ id, error: down }]);
  });

  it('is left alone after five failures, but for one call a second, and used again when it answers', async () => {
    const { clock, front, store } = await setUp();
    front.failure = down;
    for (let load = 0; load < 20; load += 1) await store.load(id);
    expect(front.calls).toHaveLength(5);
    clock.now += 1_000;
    await Promise.all([store.load(id), store.load(id), store.load(id)]);
    expect(front.calls).toHaveLength(6);
    front.failure = undefined;
    clock.now += 1_000;
    await store.load(id);
    front.calls.length = 0;
    await Promise.all([store.load(id), store.load(id)]);
    expect(front.calls).toEqual(['loadOrLease', 'loadOrLease']);
  });

  it('does not fail a save, which this process sees at once', async () => {
    const { clock, front, store, draft } = await setUp();
    const unconfirmed = eventsOf('invalidation-unconfirmed');
    const base = await loaded(store);
    front.failure = down;
    const result = await store.update(id, base, { ...draft, data: '"second"' });
    front.failure = undefined;
    expect(result.status).toBe('updated');
    expect(unconfirmed).toEqual([{ id, mayBeServedUntil: clock.now + maxStalenessMs }]);
    expect((await loaded(store)).data).toBe('"second"');
    expect((await front.store.load(id))?.data).toBe('"first"');
  });

  it('is told in the background, and trusted again', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { front, back, store, draft } = await setUp();
    const base = await loaded(store);
    front.failure = down;
    await store.update(id, base, { ...draft, data: '"second"' });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await loaded(store)).toMatchObject({ data: '"second"' });
    front.failure = undefined;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await front.store.load(id)).toBeNull();
    await store.load(id);
    back.calls.length = 0;
    expect(await loaded(store)).toMatchObject({ data: '"second"' });
    expect(back.calls).toEqual([]);
    // By then the deadlines of the calls above have passed as well.
    await vi.advanceTimersByTimeAsync(10_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('makes a logout say until when the session may be served elsewhere; here it is not', async () => {
    const { clock, front, back, store } = await setUp();
    await store.load(id);
    front.failure = down;
    const error = await store.delete(id).catch((thrown: unknown) => thrown);
    front.failure = undefined;
    expect(error).toBeInstanceOf(DeleteUnconfirmedError);
    expect(isStoreError(error)).toBe(true);
    expect(error).toMatchObject({ mayBeServedUntil: clock.now + maxStalenessMs, cause: down, retryable: false });
    expect(await back.store.load(id)).toBeNull();
    expect(await store.load(id)).toBeNull();
  });

  it('with an entry that cannot be read gets rid of it', async () => {
    const { front, store } = await setUp();
    vi.spyOn(front.store, 'loadOrLease').mockRejectedValueOnce(new StoreError('STORE_CORRUPT_RECORD', 'garbage'));
    expect(await store.load(id)).not.toBeNull();
    expect(front.calls).toContain('delete');
  });
});

describe('events', () => {
  it('tell hits, misses and busy entries, and no data', async () => {
    const { front, store } = await setUp();
    const [hits, misses, busy] = [eventsOf('hit'), eventsOf('miss'), eventsOf('busy')];
    await front.store.loadOrLease(id);
    await store.load(id);
    await front.store.delete(id);
    await store.load(id);
    await store.load(id);
    expect([hits, misses, busy]).toEqual([[{ id }], [{ id }], [{ id }]]);
  });
});

describe('what cannot be', () => {
  it('a front without leases', () => {
    const front = new MemoryStore();
    Object.assign(front, { capabilities: { ...front.capabilities, leasable: false } });
    expect(() => new TieredStore({ front, back: new MemoryStore() })).toThrow(TypeError);
  });

  it.each([0, -1, 1.5, Number.NaN])('a bound of %s', (bound) => {
    expect(() => new TieredStore({ front: new MemoryStore(), back: new MemoryStore(), maxStalenessMs: bound })).toThrow(
      TypeError,
    );
  });
});
