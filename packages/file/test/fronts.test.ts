import { readdir } from 'node:fs/promises';
import { type FrontStore, idOf, type SessionRecord } from '@stet/core';
import { expect } from 'vitest';
import { FileStore } from '../src/index.ts';
import { interceptDisk, recordCalls } from './disk-interception.ts';
import { patientStore } from './patient-store.ts';
import { leafOf } from './stored-files.ts';
import { test } from './temporary-directory.ts';

const id = idOf('a');
const never = Date.UTC(2100, 0);
const record: SessionRecord = { data: 'brought', expiresAt: never, revision: 7, createdAt: 1 };

async function leaseOf(store: FrontStore): Promise<string> {
  const entry = await store.loadOrLease(id);
  return entry.status === 'leased' ? entry.token : expect.unreachable(`the entry is ${entry.status}`);
}

async function hitOf(store: FrontStore): Promise<{ token: string; storedAt: number }> {
  const entry = await store.loadOrLease(id);
  return entry.status === 'hit' ? entry : expect.unreachable(`the entry is ${entry.status}`);
}

/** All that is kept for the sessions in the leaf of the id. */
function kept(directory: string): Promise<string[]> {
  return readdir(leafOf(directory, id));
}

test('a delete that meets a lease as it becomes a record ends the record', async ({ directory }) => {
  const store = patientStore({ directory });
  const token = await leaseOf(store);
  let next: string | null = null;
  const restore = interceptDisk(directory, async (call, proceed) => {
    if (call.name === 'unlink' && next === null) next = await store.replaceIf(id, token, record);
    return proceed();
  });
  expect(await store.delete(id).finally(restore)).toBe(true);
  expect(next).not.toBeNull();
  expect(await store.load(id)).toBeNull();
  expect(await store.replaceIf(id, String(next), record)).toBeNull();
});

test('a delete cancels every lease granted before it began, however often it is disturbed', async ({ directory }) => {
  const store = patientStore({ directory });
  const tokens = [await leaseOf(store)];
  let disturbances = 0;
  // Before each of its first attempts the lease that it has seen makes way for a session, and that for another lease.
  const restore = interceptDisk(directory, async (call, proceed) => {
    if (call.name === 'unlink' && call.path.includes(`${id}/h.0.`) && disturbances < 5) {
      disturbances += 1;
      await store.create(id, { data: '', expiresAt: 1 });
      tokens.push(await leaseOf(store));
    }
    return proceed();
  });
  expect(await patientStore({ directory }).delete(id).finally(restore)).toBe(false);
  expect(new Set(tokens).size).toBe(6);
  for (const token of tokens) expect(await store.replaceIf(id, token, record)).toBeNull();
  expect(await store.load(id)).toBeNull();
});

test('a lease that runs out while its record is written to the disk is filled no more', async ({ directory }) => {
  let now = 1_000;
  const store = patientStore({ directory, now: () => now, leaseMs: 500 });
  const token = await leaseOf(store);
  const restore = interceptDisk(directory, (call, proceed) => {
    if (call.name === 'handle.sync') now = 1_500;
    return proceed();
  });
  expect(await store.replaceIf(id, token, record).finally(restore)).toBeNull();
  expect(await store.load(id)).toBeNull();
  expect(await kept(directory)).toEqual([id]);
});

test('a sweep removes the leases that ran out, and counts the sessions alone', async ({ directory }) => {
  let now = 1_000;
  const store = patientStore({ directory, now: () => now, leaseMs: 500 });
  const token = await leaseOf(store);
  await store.create(idOf('expired'), { data: '', expiresAt: 1_001 });
  now = 1_499;
  expect(await store.deleteExpired()).toBe(1);
  expect(await store.loadOrLease(id)).toEqual({ status: 'busy' });
  now = 1_500;
  expect(await store.deleteExpired()).toBe(0);
  expect(await kept(directory)).toEqual([]);
  expect(await store.replaceIf(id, token, record)).toBeNull();
});

test('a token of a record that was deleted does not stand for another of the same revision and times', async ({
  directory,
}) => {
  const store = patientStore({ directory, now: () => 1_000 });
  const first = await store.replaceIf(id, await leaseOf(store), record);
  await store.delete(id);
  const second = await store.replaceIf(id, await leaseOf(store), record);
  expect(await store.replaceIf(id, String(first), { ...record, data: 'late' })).toBeNull();
  expect(await store.load(id)).toEqual(record);
  expect(await store.replaceIf(id, String(second), { ...record, data: 'next' })).not.toBeNull();
});

test('whatever is given for a token, no path is made of it', async ({ directory }) => {
  const store = patientStore({ directory });
  await store.create(id, { data: 'mine', expiresAt: never });
  const { token } = await hitOf(store);
  const hostile = [
    `${token}/`,
    `./${token}`,
    `../${id}/${token}`,
    `${token}\n`,
    `${token}\0`,
    token.toUpperCase(),
    token.replace('h.', 'h.0'),
    '..',
    'token/../..',
    'x'.repeat(1_000_000),
  ];
  for (const given of hostile) {
    const calls = await recordCalls(directory, async () => {
      expect(await store.replaceIf(id, given, record)).toBeNull();
    });
    expect(calls.map(({ name }) => name)).toEqual(['readdir']);
  }
  for (const given of [null, undefined, { toString: () => token }, [token]] as string[]) {
    const calls = await recordCalls(directory, () =>
      expect(store.replaceIf(id, given, record)).rejects.toThrow(TypeError),
    );
    expect(calls).toEqual([]);
  }
  expect(await store.load(id)).toMatchObject({ data: 'mine' });
  expect(await store.replaceIf(id, token, record)).not.toBeNull();
});

test.for<Partial<Record<keyof SessionRecord, unknown>>>([
  { revision: 0 },
  { revision: -1 },
  { revision: 1.5 },
  { revision: Number.NaN },
  { revision: '../../7' },
  { revision: undefined },
  { createdAt: undefined },
  { createdAt: '../..' },
])('a record with %o is refused before anything is done', async (fault, { directory }) => {
  const store = patientStore({ directory });
  const calls = await recordCalls(directory, async () => {
    await expect(store.replaceIf(id, 'token', { ...record, ...fault } as SessionRecord)).rejects.toThrow(TypeError);
  });
  expect(calls).toEqual([]);
});

test('storedAt is when the data was written, and a touch does not make it younger', async ({ directory }) => {
  let now = 1_000;
  const store = patientStore({ directory, now: () => now });
  const base = await store.create(id, { data: '', expiresAt: never });
  expect(await hitOf(store)).toMatchObject({ storedAt: 1_000 });
  now = 2_000;
  await store.touch(id, never + 1);
  expect(await hitOf(store)).toMatchObject({ storedAt: 1_000 });
  await store.update(id, base ?? record, { data: '', expiresAt: never });
  expect(await hitOf(store)).toMatchObject({ storedAt: 2_000 });
  now = 3_000;
  await store.replaceIf(id, (await hitOf(store)).token, record);
  expect(await hitOf(store)).toMatchObject({ storedAt: 3_000 });
});

test('a lease that the disk held up beyond the deadline of its call is not granted later', async ({ directory }) => {
  await patientStore({ directory }).load(id);
  const store = new FileStore({ directory, timeoutMs: 200 });
  const stalled = Promise.withResolvers<void>();
  const removed = Promise.withResolvers<void>();
  const restore = interceptDisk(directory, async (call, proceed) => {
    if (call.path.includes('/t.')) await stalled.promise;
    const result = await proceed();
    if (call.name === 'rm') removed.resolve();
    return result;
  });
  try {
    await expect(store.loadOrLease(id)).rejects.toMatchObject({ code: 'STORE_TIMEOUT' });
    stalled.resolve();
    await removed.promise;
  } finally {
    restore();
  }
  expect(await patientStore({ directory }).loadOrLease(id)).toMatchObject({ status: 'leased' });
});

test.for([0, -1, 1.5, Number.NaN, '5000'])('a leaseMs of %o is a TypeError', (leaseMs, { directory }) => {
  expect(() => new FileStore({ directory, leaseMs: leaseMs as number })).toThrow(TypeError);
});
