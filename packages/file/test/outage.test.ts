import { readdir, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { idOf, type StoreError } from '@stet/core';
import { expect } from 'vitest';
import { FileStore } from '../src/index.ts';
import { interceptDisk, type Proceed } from './disk-interception.ts';
import { patientStore } from './patient-store.ts';
import { test } from './temporary-directory.ts';

const id = idOf('a');
const draft = { data: '{}', expiresAt: Date.UTC(2100, 0) };
const base = { ...draft, revision: 1, createdAt: 0 };

/** The error of every kind of call to a store. */
function errorsOf(store: FileStore): Promise<StoreError[]> {
  const calls = [
    store.load(id),
    store.create(id, draft),
    store.update(id, base, draft),
    store.touch(id, draft.expiresAt + 1),
    store.delete(id),
    store.loadOrLease(id),
    store.replaceIf(id, 'token', base),
    Array.fromAsync(store.entries()),
    store.deleteExpired(),
    store.bySubject('user'),
  ];
  return Promise.all(
    calls.map((call) =>
      call.then(
        (value) => expect.unreachable(`resolved to ${value}`),
        (error) => error,
      ),
    ),
  );
}

test('a file in place of the directory is an outage', async ({ directory }) => {
  const path = join(directory, 'file');
  await writeFile(path, '');
  for (const error of await errorsOf(patientStore({ directory: path }))) {
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    expect(error.cause).toBeInstanceOf(Error);
  }
});

test('a directory that vanishes is an outage, which ends when it comes back', async ({ directory }) => {
  const path = join(directory, 'store');
  const store = patientStore({ directory: path });
  await store.create(id, draft);
  await rename(path, `${path}.unmounted`);
  for (const error of await errorsOf(store)) expect(error.code).toBe('STORE_UNAVAILABLE');
  expect(await readdir(directory)).toEqual(['store.unmounted']);
  await rename(`${path}.unmounted`, path);
  expect(await store.load(id)).toMatchObject(draft);
});

test('an empty directory in place of the one that was there is an outage', async ({ directory }) => {
  const store = patientStore({ directory });
  await store.create(id, draft);
  for (const name of await readdir(directory)) await rm(join(directory, name), { recursive: true });
  for (const error of await errorsOf(store)) expect(error.code).toBe('STORE_UNAVAILABLE');
  expect(await readdir(directory)).toEqual([]);
});

test('a directory of another format is left alone', async ({ directory }) => {
  await writeFile(join(directory, 'stet-file-store'), 'format 2\n');
  for (const error of await errorsOf(patientStore({ directory }))) {
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: false });
  }
  expect(await readdir(directory)).toEqual(['stet-file-store']);
});

test('a store that could not be made at first is made by a later call', async ({ directory }) => {
  const path = join(directory, 'store');
  await writeFile(path, '');
  const store = patientStore({ directory: path });
  await expect(store.load(id)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await unlink(path);
  expect(await store.create(id, draft)).toMatchObject(draft);
});

test('a disk that does not answer ends reads as timed out and writes as ambiguous', async ({ directory }) => {
  await patientStore({ directory }).create(id, draft);
  const store = new FileStore({ directory, timeoutMs: 50 });
  const never = Promise.withResolvers<unknown>();
  const restore = interceptDisk(directory, () => never.promise);
  try {
    const codes = (await errorsOf(store)).map(({ code }) => code);
    expect(codes.slice(0, 7)).toEqual([
      'STORE_TIMEOUT',
      ...Array(4).fill('STORE_AMBIGUOUS'),
      'STORE_TIMEOUT',
      'STORE_AMBIGUOUS',
    ]);
  } finally {
    restore();
  }
});

test('an update that the disk held up beyond its deadline is not committed later', async ({ directory }) => {
  const record = await patientStore({ directory }).create(id, draft);
  const store = new FileStore({ directory, timeoutMs: 1_000 });
  const stalled = Promise.withResolvers<void>();
  const removed = Promise.withResolvers<void>();
  const restore = interceptDisk(directory, async (call, proceed: Proceed) => {
    if (call.name === 'handle.sync') await stalled.promise;
    const result = await proceed();
    if (call.name === 'unlink') removed.resolve();
    return result;
  });
  try {
    await expect(store.update(id, record ?? base, { ...draft, data: 'late' })).rejects.toMatchObject({
      code: 'STORE_AMBIGUOUS',
    });
    stalled.resolve();
    await removed.promise;
  } finally {
    restore();
  }
  expect(await store.load(id)).toEqual(record);
});
