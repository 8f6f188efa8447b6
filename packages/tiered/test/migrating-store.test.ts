import {
  type FrontStore,
  type IterableStore,
  idOf,
  MemoryStore,
  type SessionRecord,
  type SessionStore,
  StoreError,
} from '@stet/core';
import { describe, expect, it, vi } from 'vitest';
import { MigratingStore, TieredStore } from '../src/index.ts';
import { eventsOn, observed } from './observed.ts';

const id = idOf('visitor');
const lifeMs = 3_600_000;
const draft = { data: '"first"', expiresAt: Date.now() + lifeMs, subject: 'user-7', createdAt: 1_700_000_000_000 };
const down = new StoreError('STORE_UNAVAILABLE', 'down');

/** A session that was saved once, and has not moved yet. `next`: the revision that the next save makes. */
async function setUp({ leaseMs = 60_000, ...settings }: { leaseMs?: number; timeoutMs?: number } = {}) {
  const from = observed<IterableStore>(new MemoryStore());
  const to = observed<FrontStore>(new MemoryStore({ leaseMs }));
  const store = new MigratingStore({ from: from.store, to: to.store, ...settings });
  const first = (await from.store.create(id, draft)) as SessionRecord;
  await from.store.update(id, first, { ...draft, data: '"second"' });
  const record = (await from.store.load(id)) as SessionRecord;
  const forget = () => {
    from.calls.length = 0;
    to.calls.length = 0;
  };
  forget();
  return { from, to, store, record, next: record.revision + 1, draft: { ...draft, data: '"third"' }, forget };
}

/** A session whose move was interrupted after it had arrived. */
async function setUpLeftBehind() {
  const setting = await setUp();
  setting.from.failure = undefined;
  const { store: from } = setting.from;
  const removal = vi.spyOn(from, 'delete').mockRejectedValueOnce(down);
  await setting.store.load(id);
  removal.mockRestore();
  expect(await from.load(id)).not.toBeNull();
  setting.forget();
  return setting;
}

async function* ids(store: MigratingStore): AsyncGenerator<string> {
  for await (const [each] of store.entries()) yield each;
}

describe('a session', () => {
  it('moves on its first use, with its revision, creation time, expiry and subject', async () => {
    const { from, to, store, record } = await setUp();
    const moved = eventsOn('stet:migrating:moved');
    expect(record).toMatchObject({ createdAt: 1_700_000_000_000, subject: 'user-7' });
    expect(await store.load(id)).toEqual(record);
    expect(await to.store.load(id)).toEqual(record);
    expect(await from.store.load(id)).toBeNull();
    expect(moved).toEqual([{ id }]);
  });

  it('that has moved costs what it costs in the new store', async () => {
    const { from, to, store, draft, forget } = await setUp();
    const base = (await store.load(id)) as SessionRecord;
    forget();
    await store.load(id);
    await store.touch(id, draft.expiresAt + 1);
    await store.update(id, base, { ...draft, expiresAt: draft.expiresAt + 1 });
    expect([from.calls, to.calls]).toEqual([[], ['load', 'touch', 'update']]);
  });

  it('that nobody knows leaves no lease behind', async () => {
    const { from, to, store } = await setUp();
    expect(await store.load(idOf('nobody'))).toBeNull();
    expect([from.calls, to.calls]).toEqual([['load'], ['load', 'load']]);
  });

  it('is moved by an update of what was read where it was', async () => {
    const { store, record, next, draft } = await setUp();
    expect(await store.update(id, record, draft)).toMatchObject({
      status: 'updated',
      record: { revision: next, createdAt: record.createdAt, data: '"third"' },
    });
  });

  it('is moved by a touch', async () => {
    const { from, to, store, record } = await setUp();
    expect(await store.touch(id, record.expiresAt + 1)).toBe(true);
    expect(await to.store.load(id)).toEqual({ ...record, expiresAt: record.expiresAt + 1 });
    expect(await from.store.load(id)).toBeNull();
  });

  it('has its id taken before it has moved', async () => {
    const { store, draft } = await setUp();
    expect(await store.create(id, draft)).toBeNull();
    expect((await store.load(id))?.data).toBe('"second"');
  });

  it('is deleted in both stores', async () => {
    const { from, to, store } = await setUp();
    expect(await store.delete(id)).toBe(true);
    expect(await store.delete(id)).toBe(false);
    expect([await from.store.load(id), await to.store.load(id)]).toEqual([null, null]);
  });
});

describe('a session that nobody can keep in the new store', () => {
  it.each(['STORE_CORRUPT_RECORD', 'STORE_TOO_LARGE'] as const)('because of %s, ends where it is', async (code) => {
    const { from, to, store } = await setUp();
    vi.spyOn(to.store, 'replaceIf').mockRejectedValueOnce(new StoreError(code, 'It does not fit.'));
    expect(await store.delete(id)).toBe(true);
    expect([await from.store.load(id), await to.store.loadOrLease(id)]).toMatchObject([null, { status: 'leased' }]);
  });
});

describe('while somebody else moves a session', () => {
  it('a logout does not wait for it to the end, and stands', async () => {
    const { from, to, store } = await setUp({ timeoutMs: 60 });
    await to.store.loadOrLease(id);
    expect(await store.delete(id)).toBe(true);
    expect([await from.store.load(id), await store.load(id)]).toEqual([null, null]);
  });

  it('it is read where it was', async () => {
    const { to, store, record } = await setUp();
    await to.store.loadOrLease(id);
    expect(await store.load(id)).toEqual(record);
  });

  it('a write waits until it has arrived', async () => {
    const { to, store, record, next, draft } = await setUp();
    const lease = await to.store.loadOrLease(id);
    let isSettled = false;
    const update = store.update(id, record, draft).finally(() => {
      isSettled = true;
    });
    const triesAgain = () => to.calls.filter((call) => call === 'loadOrLease').length > 2;
    await vi.waitUntil(() => isSettled || triesAgain(), { timeout: 30_000 });
    expect(isSettled).toBe(false);
    if (lease.status === 'leased') await to.store.replaceIf(id, lease.token, record);
    expect(await update).toMatchObject({ status: 'updated', record: { revision: next } });
  });

  it('and dies, the next one moves it as soon as the lease has run out', async () => {
    const { to, from, store, record, next, draft } = await setUp({ leaseMs: 30 });
    await to.store.loadOrLease(id);
    expect(await store.update(id, record, draft)).toMatchObject({ status: 'updated', record: { revision: next } });
    expect(await from.store.load(id)).toBeNull();
  });

  it('and the lease runs out each time, every call settles, and nothing is lost', async () => {
    const { from, store, record, draft } = await setUp({ timeoutMs: 20 });
    const late = vi.spyOn(MemoryStore.prototype, 'replaceIf').mockResolvedValue(null);
    const leased = vi
      .spyOn(MemoryStore.prototype, 'loadOrLease')
      .mockResolvedValue({ status: 'leased', token: 'of a lease that is over' });
    await expect(store.load(id)).rejects.toMatchObject({ code: 'STORE_TIMEOUT', retryable: true });
    await expect(store.update(id, record, draft)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    late.mockRestore();
    leased.mockRestore();
    expect(await from.store.load(id)).toEqual(record);
    expect((await store.update(id, record, draft)).status).toBe('updated');
  });

  it('for too long, a write is refused, and nothing is lost', async () => {
    const { from, store, record, draft } = await setUp({ timeoutMs: 1 });
    const busy = vi.spyOn(MemoryStore.prototype, 'loadOrLease').mockResolvedValue({ status: 'busy' });
    await expect(store.update(id, record, draft)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    await expect(store.touch(id, record.expiresAt + 1)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    busy.mockRestore();
    expect(await from.store.load(id)).toEqual(record);
    expect((await store.update(id, record, draft)).status).toBe('updated');
  });
});

describe('a move that was interrupted after the session had arrived', () => {
  it('is reported, and the session is served', async () => {
    const leftBehind = eventsOn('stet:migrating:left-behind');
    const { store, record } = await setUpLeftBehind();
    expect(leftBehind).toEqual([{ id, error: down }]);
    expect(await store.load(id)).toEqual(record);
  });

  it('does not bring the session back after its end', async () => {
    const { store } = await setUpLeftBehind();
    expect(await store.delete(id)).toBe(true);
    expect(await store.load(id)).toBeNull();
  });

  it('does not bring the session back after an update that ended it', async () => {
    const { store, record } = await setUpLeftBehind();
    await store.update(id, record, { ...draft, expiresAt: Date.now() - 1 });
    expect(await store.load(id)).toBeNull();
  });

  it('lets one of two logouts know that it has ended the session', async () => {
    const { from, store } = await setUpLeftBehind();
    const held = Promise.withResolvers<void>();
    const remove = from.store.delete;
    vi.spyOn(from.store, 'delete').mockImplementationOnce(async (each) => {
      const wasThere = await remove(each);
      await held.promise;
      return wasThere;
    });
    const slow = store.delete(id);
    await vi.waitUntil(() => from.calls.includes('delete'));
    const fast = await store.delete(id);
    held.resolve();
    expect([await slow, fast]).toEqual([false, true]);
  });

  it('shows nobody the old copy', async () => {
    const { store, record, next, draft } = await setUpLeftBehind();
    await store.update(id, record, draft);
    const listed = await Array.fromAsync(store.entries());
    expect(listed.map(([, { revision }]) => revision)).toEqual([next]);
    expect((await store.bySubject('user-7')).map(([, { revision }]) => revision)).toEqual([next]);
  });

  it('is finished by the move of all', async () => {
    const { from, store } = await setUpLeftBehind();
    expect(await Array.fromAsync(store.moveAll())).toEqual([id]);
    expect(await from.store.load(id)).toBeNull();
    expect(await Array.fromAsync(store.moveAll())).toEqual([]);
  });
});

describe('an outage', () => {
  it('of where sessions come from is no end of a session', async () => {
    const { from, store, record, draft } = await setUp();
    from.failure = down;
    await expect(store.load(id)).rejects.toBe(down);
    await expect(store.update(id, record, draft)).rejects.toBe(down);
    await expect(store.touch(id, record.expiresAt)).rejects.toBe(down);
    await expect(store.delete(id)).rejects.toBe(down);
    await expect(store.create(idOf('another'), draft)).rejects.toBe(down);
    await expect(Array.fromAsync(store.entries())).rejects.toBe(down);
    await expect(store.bySubject('user-7')).rejects.toBe(down);
    from.failure = undefined;
    expect(await store.load(id)).toEqual(record);
  });

  it('of where they go leaves them where they are', async () => {
    const { from, to, store, record } = await setUp();
    vi.spyOn(to.store, 'replaceIf').mockRejectedValueOnce(down);
    await expect(store.load(id)).rejects.toBe(down);
    expect(await from.store.load(id)).toEqual(record);
  });
});

describe('listing', () => {
  it('gives each session once, also one that moves meanwhile', async () => {
    const { from, store } = await setUp();
    const waiting = Array.from({ length: 20 }, (_, at) => idOf(`waiting ${at}`));
    for (const each of waiting) await from.store.create(each, draft);
    await store.create(idOf('new'), draft);
    const seen: string[] = [];
    for await (const each of ids(store)) {
      seen.push(each);
      if (seen.length === 5) for (const other of waiting) await store.load(other);
    }
    expect(seen.sort()).toEqual([id, idOf('new'), ...waiting].sort());
  });

  it('finds a subject in both stores', async () => {
    const { from, store } = await setUp();
    await from.store.create(idOf('other device'), draft);
    await from.store.create(idOf('other user'), { ...draft, subject: 'user-8' });
    await store.load(id);
    const found = await store.bySubject('user-7');
    expect(found.map(([each]) => each).sort()).toEqual([id, idOf('other device')].sort());
  });

  it('is not there where the sessions to be moved cannot be listed', async () => {
    const { from, to } = await setUp();
    const source = { load: from.store.load, delete: from.store.delete };
    const store = new MigratingStore({ from: source, to: to.store });
    expect(store.capabilities).toMatchObject({ iterable: false, bySubject: false, sweepable: true, leasable: false });
    await expect(Array.fromAsync(store.moveAll())).rejects.toMatchObject({ code: 'STORE_UNSUPPORTED' });
  });
});

describe('the move of all', () => {
  it('may be left and begun again, and leaves nothing behind', async () => {
    const { from, to, store, record } = await setUp();
    for (let at = 0; at < 9; at += 1) await from.store.create(idOf(`waiting ${at}`), draft);
    for await (const _ of store.moveAll()) break;
    expect(await Array.fromAsync(from.store.entries())).toHaveLength(9);
    const movers = await Promise.all([Array.fromAsync(store.moveAll()), Array.fromAsync(store.moveAll())]);
    expect(new Set(movers.flat()).size).toBe(9);
    expect(await Array.fromAsync(from.store.entries())).toEqual([]);
    expect(await to.store.load(id)).toEqual(record);
  });

  it('fails where an old copy cannot be removed', async () => {
    const { from, store } = await setUp();
    vi.spyOn(from.store, 'delete').mockRejectedValue(down);
    await expect(Array.fromAsync(store.moveAll())).rejects.toBe(down);
  });
});

it('goes back by the same way', async () => {
  const { from, to, store, record, next, draft } = await setUp();
  const base = (await store.load(id)) as SessionRecord;
  await store.update(id, base, draft);
  await Array.fromAsync(store.moveAll());
  const back = new MigratingStore({ from: to.store as never, to: from.store as never as FrontStore });
  expect(await back.load(id)).toEqual({ ...record, revision: next, data: '"third"' });
  expect(await to.store.load(id)).toBeNull();
});

it('stands behind a cache', async () => {
  const { to, store, record, next, draft } = await setUp();
  const cached: SessionStore = new TieredStore({ front: new MemoryStore(), back: store });
  const base = (await cached.load(id)) as SessionRecord;
  expect(base).toEqual(record);
  expect((await cached.update(id, base, draft)).status).toBe('updated');
  expect(await to.store.load(id)).toMatchObject({ revision: next });
  await cached.delete(id);
  expect(await store.load(id)).toBeNull();
});

describe('what cannot be', () => {
  it('a new store without leases', () => {
    const to = new MemoryStore();
    Object.assign(to, { capabilities: { ...to.capabilities, leasable: false } });
    expect(() => new MigratingStore({ from: new MemoryStore(), to })).toThrow(TypeError);
  });

  it.each([0, -1, 1.5, Number.NaN])('a deadline of %s', (timeoutMs) => {
    expect(() => new MigratingStore({ from: new MemoryStore(), to: new MemoryStore(), timeoutMs })).toThrow(TypeError);
  });

  it('a call after it was closed', async () => {
    const { store, from, to, record } = await setUp();
    await store.close();
    await expect(store.load(id)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await expect(Array.fromAsync(store.moveAll())).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    expect(await from.store.load(id)).toEqual(record);
    expect(await to.store.load(id)).toBeNull();
  });
});
