import { generateToken, idOf, MemoryStore } from '@stet/core';
import { describe, expect, it } from 'vitest';

const draft = { data: '{}', expiresAt: Date.now() + 60_000 };
const ids = Array.from({ length: 4 }, () => idOf(generateToken()));

describe('MemoryStore', () => {
  it('evicts the least recently used entry beyond maxRecords, and says that it may', async () => {
    const store = new MemoryStore({ maxRecords: 3 });
    const [first = '', second = '', third = '', fourth = ''] = ids;
    for (const id of [first, second, third]) await store.create(id, draft);
    await store.load(first);
    await store.create(fourth, draft);
    const kept = await Promise.all(ids.map(async (id) => (await store.load(id)) !== null));
    expect(kept).toEqual([true, false, true, true]);
    expect(store.capabilities.durable).toBe(false);
  });

  it('counts leases as entries, so that misses cannot fill the memory', async () => {
    const store = new MemoryStore({ maxRecords: 2 });
    const [first = '', second = '', third = ''] = ids;
    const lease = await store.loadOrLease(first);
    await store.loadOrLease(second);
    await store.loadOrLease(third);
    if (lease.status !== 'leased') return expect.fail('the first caller has the lease');
    expect(await store.replaceIf(first, lease.token, { ...draft, revision: 1, createdAt: 1 })).toBeNull();
  });

  it.each([{ maxRecords: 0 }, { maxDataBytes: -1 }, { leaseMs: Number.NaN }])('refuses %j', (options) => {
    expect(() => new MemoryStore(options)).toThrow(TypeError);
  });
});
