import { idOf } from '@stet/core';
import { expect } from 'vitest';
import { interceptDisk } from './disk-interception.ts';
import { patientStore } from './patient-store.ts';
import { test } from './temporary-directory.ts';

const id = idOf('a');

test('a session that expires while its update is written to the disk stays expired', async ({ directory }) => {
  let now = 1_000;
  const store = patientStore({ directory, now: () => now });
  const record = await store.create(id, { data: '{}', expiresAt: 2_000 });
  if (!record) expect.unreachable('the id was free');
  const restore = interceptDisk(directory, (call, proceed) => {
    if (call.name === 'handle.sync') now = 2_000;
    return proceed();
  });
  try {
    expect(await store.update(id, record, { data: '{}', expiresAt: 9_000 })).toEqual({ status: 'gone' });
  } finally {
    restore();
  }
  expect(await store.load(id)).toBeNull();
  expect(await store.deleteExpired()).toBe(1);
});

test.for([1_000.5, 1_000.999, 1_000])(
  'a clock that says %d keeps times that can be read again',
  async (now, { directory }) => {
    const store = patientStore({ directory, now: () => now });
    const record = await store.create(id, { data: '{}', expiresAt: 2_000 });
    expect(record).toMatchObject({ createdAt: 1_000 });
    expect(await patientStore({ directory, now: () => now }).load(id)).toEqual(record);
    const entry = await store.loadOrLease(id);
    expect(entry).toMatchObject({ status: 'hit', storedAt: 1_000 });
    expect(await store.delete(id)).toBe(true);
    const leased = await store.loadOrLease(id);
    expect(leased).toMatchObject({ status: 'leased' });
    expect(await store.loadOrLease(id)).toEqual({ status: 'busy' });
  },
);

test('of deletes of one session, in two stores and at once, exactly one is told that it was there', async ({
  directory,
}) => {
  const stores = [patientStore({ directory }), patientStore({ directory })];
  for (let round = 0; round < 20; round += 1) {
    await stores[0]?.create(id, { data: '{}', expiresAt: Date.UTC(2100, 0) });
    const deletes = Array.from({ length: 8 }, (_, index) => stores[index % 2]?.delete(id));
    expect((await Promise.all(deletes)).filter(Boolean)).toHaveLength(1);
  }
});
