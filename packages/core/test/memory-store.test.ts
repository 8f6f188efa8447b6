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

  it('evicts beyond maxBytes, so that a few large sessions cannot fill the memory either', async () => {
    const store = new MemoryStore({ maxDataBytes: 40, maxBytes: 100 });
    const large = { ...draft, data: 'x'.repeat(40) };
    const [first = '', second = '', third = ''] = ids;
    for (const id of [first, second]) await store.create(id, large);
    await store.load(first);
    await store.create(third, large);
    expect(await store.load(second)).toBeNull();
    const record = await store.load(first);
    if (!record) return expect.fail('the record that was used last is kept');
    // What is replaced or deleted counts no longer.
    for (let turn = 0; turn < 10; turn += 1) {
      await store.delete(third);
      await store.create(third, large);
    }
    expect(await store.load(first)).toEqual(record);
  });

  it('finds the sessions of a subject as they are now, also those that another subject had', async () => {
    const store = new MemoryStore();
    const [first = '', second = '', third = ''] = ids;
    const record = await store.create(first, { ...draft, subject: 'one' });
    await store.create(second, { ...draft, subject: 'one' });
    await store.create(third, { ...draft, subject: 'one' });
    if (!record) return expect.fail('the id is free');
    await store.update(first, record, { ...draft, subject: 'other' });
    await store.delete(second);
    expect((await store.bySubject('one')).map(([id]) => id)).toEqual([third]);
    expect((await store.bySubject('other')).map(([id]) => id)).toEqual([first]);
  });

  it.each([{ maxBytes: 1 }, { maxRecords: 0 }, { maxDataBytes: -1 }, { leaseMs: Number.NaN }])(
    'refuses %j',
    (options) => {
      expect(() => new MemoryStore(options)).toThrow(TypeError);
    },
  );
});
