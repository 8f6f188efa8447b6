import { idOf } from '@stet/core';
import { expect } from 'vitest';
import type { Durability } from '../src/index.ts';
import { recordCalls } from './disk-interception.ts';
import { patientStore } from './patient-store.ts';
import { test } from './temporary-directory.ts';

const id = idOf('a');
const never = Date.UTC(2100, 0);
const draft = { data: '{}', expiresAt: never };

/**
 * The calls to the disk that work makes, each of which takes one turn in the pool of threads; and how many of them are
 * fsyncs.
 */
async function countsOf(directory: string, work: () => Promise<unknown>): Promise<{ calls: number; syncs: number }> {
  const calls = await recordCalls(directory, work);
  return { calls: calls.length, syncs: calls.filter(({ name }) => name === 'handle.sync').length };
}

test.for<[Durability, Record<string, { calls: number; syncs: number }>]>([
  [
    'process-crash',
    {
      create: { calls: 7, syncs: 0 },
      'first load': { calls: 4, syncs: 0 },
      'repeated load': { calls: 1, syncs: 0 },
      update: { calls: 6, syncs: 0 },
      touch: { calls: 2, syncs: 0 },
      'touch that extends nothing': { calls: 1, syncs: 0 },
      delete: { calls: 4, syncs: 0 },
      'load of nothing': { calls: 2, syncs: 0 },
    },
  ],
  [
    'power-loss',
    {
      create: { calls: 17, syncs: 4 },
      'first load': { calls: 4, syncs: 0 },
      'repeated load': { calls: 1, syncs: 0 },
      update: { calls: 13, syncs: 3 },
      touch: { calls: 5, syncs: 1 },
      'touch that extends nothing': { calls: 1, syncs: 0 },
      delete: { calls: 7, syncs: 1 },
      'load of nothing': { calls: 2, syncs: 0 },
    },
  ],
])("'%s' asks the disk so often, and no more", async ([durability, expected], { directory }) => {
  const store = patientStore({ directory, durability });
  const stranger = patientStore({ directory, durability });
  for (const each of [store, stranger]) await each.load(id);
  const of = (work: () => Promise<unknown>): Promise<unknown> => countsOf(directory, work);

  const counts: Record<string, unknown> = {};
  counts.create = await of(() => store.create(id, draft));
  counts['first load'] = await of(() => stranger.load(id));
  counts['repeated load'] = await of(() => stranger.load(id));
  const base = await store.load(id);
  if (!base) expect.unreachable('the session is there');
  counts.update = await of(() => store.update(id, base, draft));
  counts.touch = await of(() => store.touch(id, never + 1));
  counts['touch that extends nothing'] = await of(() => store.touch(id, never));
  counts.delete = await of(() => store.delete(id));
  counts['load of nothing'] = await of(() => store.load(id));
  expect(counts).toEqual(expected);
});

test('a subject costs no call more', async ({ directory }) => {
  const store = patientStore({ directory });
  const stranger = patientStore({ directory });
  for (const each of [store, stranger]) await each.load(id);
  const ofSubject = { ...draft, subject: 'user-7' };
  expect(await countsOf(directory, () => store.create(id, ofSubject))).toEqual({ calls: 17, syncs: 4 });
  const base = await store.load(id);
  if (!base) expect.unreachable('the session is there');
  expect(await countsOf(directory, () => store.update(id, base, ofSubject))).toEqual({ calls: 13, syncs: 3 });
  expect(await countsOf(directory, () => stranger.load(id))).toEqual({ calls: 4, syncs: 0 });
});

test('a large session is read with two calls more', async ({ directory }) => {
  const store = patientStore({ directory });
  const stranger = patientStore({ directory });
  await stranger.load(id);
  const data = 'x'.repeat(1_000_000);
  await store.create(id, { ...draft, data });
  // Reads of 16 KiB, of 48 more, of 192, and of 768 KiB.
  expect(await countsOf(directory, async () => expect(await stranger.load(id)).toMatchObject({ data }))).toEqual({
    calls: 7,
    syncs: 0,
  });
});

/** Sessions of other subjects, some of which are kept in the same leaf as that of the one that is asked for. */
async function fill(directory: string, from: number, to: number): Promise<void> {
  const store = patientStore({ directory, durability: 'process-crash' });
  for (let index = from; index < to; index += 1) {
    await store.create(idOf(`${index}`), { ...draft, subject: `user-${index}` });
  }
}

test('whom a session belongs to is found without a look at the others, however many there are', async ({
  directory,
}) => {
  await fill(directory, 0, 20);
  const store = patientStore({ directory, maxCachedBytes: 1 });
  await store.load(id);
  const ask = async (): Promise<void> => {
    expect((await store.bySubject('user-7')).map(([found]) => found)).toEqual([idOf('7')]);
  };
  const few = await countsOf(directory, ask);
  await fill(directory, 20, 1_000);
  expect(await countsOf(directory, ask)).toEqual(few);
  // The listing of a leaf, and the first load of the one session.
  expect(few).toEqual({ calls: 5, syncs: 0 });
});

test('a sweep lists each session once', async ({ directory }) => {
  const store = patientStore({ directory, durability: 'process-crash' });
  for (let index = 0; index < 40; index += 1) await store.create(idOf(`${index}`), draft);
  const later = patientStore({ directory, now: () => Date.now() + 3_600_000 });
  await later.load(id);
  const calls = await recordCalls(directory, () => later.deleteExpired());
  // The marker, the 256 leaves, and the sessions.
  expect(calls.map(({ name }) => name).sort()).toEqual([...Array(256 + 40).fill('readdir'), 'stat']);
});

test('listing a store that was emptied costs what listing a new one does', async ({ directory }) => {
  const store = patientStore({ directory, durability: 'process-crash' });
  await store.load(id);
  const list = (): Promise<unknown> => Array.fromAsync(store.entries());
  const fresh = await countsOf(directory, list);
  for (let index = 0; index < 300; index += 1) await store.create(idOf(`${index}`), { ...draft, expiresAt: 1 });
  expect(await store.deleteExpired()).toBe(300);
  expect(await countsOf(directory, list)).toEqual(fresh);
});
