import { readdir, readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { idOf } from '@stet/core';
import { expect } from 'vitest';
import type { FileStore } from '../src/index.ts';
import { patientStore } from './patient-store.ts';
import { contentOf, sessionOf } from './stored-files.ts';
import { test } from './temporary-directory.ts';

const id = idOf('a');
const draft = { data: '{"cart":["book"]}', expiresAt: Date.UTC(2100, 0), subject: 'user' };
const corrupt = { code: 'STORE_CORRUPT_RECORD', retryable: false };

async function storedSession(directory: string): Promise<{ store: FileStore; data: string }> {
  // It remembers nothing, so that each load reads the disk.
  const store = patientStore({ directory, maxCachedBytes: 1 });
  await store.create(id, draft);
  return { store, data: await contentOf(directory, id) };
}

test('every flipped bit of a data file is noticed, and the file is left as it is', async ({ directory }) => {
  const { store, data } = await storedSession(directory);
  const bytes = await readFile(data);
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    await writeFile(data, flipped);
    await expect(store.load(id), `bit ${bit}`).rejects.toMatchObject(corrupt);
    if (bit % 100 === 0) expect(await readFile(data)).toEqual(flipped);
  }
});

test('a data file that is cut anywhere is noticed', async ({ directory }) => {
  const { store, data } = await storedSession(directory);
  const { length } = await readFile(data);
  for (let bytes = length - 1; bytes >= 0; bytes -= 1) {
    await truncate(data, bytes);
    await expect(store.load(id), `${bytes} bytes`).rejects.toMatchObject(corrupt);
  }
});

test('the data of another session is not taken for its own', async ({ directory }) => {
  const { store, data } = await storedSession(directory);
  await store.create(idOf('b'), { ...draft, data: 'a secret' });
  await writeFile(data, await readFile(await contentOf(directory, idOf('b'))));
  await expect(store.load(id)).rejects.toMatchObject(corrupt);
});

test('a missing data file is corruption, not the end of the session', async ({ directory }) => {
  const { store, data } = await storedSession(directory);
  await unlink(data);
  await expect(store.load(id)).rejects.toMatchObject(corrupt);
  expect(await store.create(id, draft)).toBeNull();
  expect(await store.delete(id)).toBe(true);
  expect(await store.load(id)).toBeNull();
});

test('a session directory with two heads is corruption, a sweep goes on past it, and a delete removes both', async ({
  directory,
}) => {
  const { store } = await storedSession(directory);
  const session = sessionOf(directory, id);
  await writeFile(join(session, `h.7.1.1.7.${'0'.repeat(32)}`), '');
  await expect(store.load(id)).rejects.toMatchObject(corrupt);
  await store.create(idOf('expired'), { ...draft, expiresAt: 1 });
  expect(await store.deleteExpired()).toBe(1);
  expect(await readdir(session)).toHaveLength(2);
  expect(await store.delete(id)).toBe(true);
  expect(await store.load(id)).toBeNull();
  expect(await store.delete(id)).toBe(false);
});

test('an update over a record that cannot be read is corruption, and leaves it as it is', async ({ directory }) => {
  const { store, data } = await storedSession(directory);
  const base = await store.load(id);
  if (!base) expect.unreachable('the session is there');
  await truncate(data, 70);
  const [spoilt, heads] = [await readFile(data), await readdir(sessionOf(directory, id))];
  await expect(store.update(id, base, { ...draft, data: 'new' })).rejects.toMatchObject(corrupt);
  expect(await readFile(data)).toEqual(spoilt);
  expect(await readdir(sessionOf(directory, id))).toEqual(heads);
});

test('a corrupt record hides no other', async ({ directory }) => {
  const { store, data } = await storedSession(directory);
  await store.create(idOf('whole'), draft);
  await truncate(data, 10);
  expect((await Array.fromAsync(store.entries())).map(([found]) => found)).toEqual([idOf('whole')]);
  expect((await store.bySubject('user')).map(([found]) => found)).toEqual([idOf('whole')]);
});
