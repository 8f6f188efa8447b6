import { readdir, readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { idOf } from '@stet/core';
import { expect } from 'vitest';
import { FileStore } from '../src/index.ts';
import { test } from './temporary-directory.ts';

const id = idOf('a');
const draft = { data: '{"cart":["book"]}', expiresAt: Date.UTC(2100, 0), subject: 'user' };
const corrupt = { code: 'STORE_CORRUPT_RECORD', retryable: false };

async function storedSession(directory: string): Promise<{ store: FileStore; leaf: string; data: string }> {
  const store = new FileStore({ directory });
  await store.create(id, draft);
  const leaf = join(directory, id.slice(0, 2), id.slice(2, 4));
  const name = (await readdir(leaf)).find((candidate) => candidate.startsWith(`${id}.`)) ?? '';
  return { store, leaf, data: join(leaf, name) };
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
  const { store, leaf, data } = await storedSession(directory);
  const neighbour = `${id.slice(0, 4)}${'0'.repeat(60)}`;
  await store.create(neighbour, { ...draft, data: 'a secret' });
  const other = (await readdir(leaf)).find((name) => name.startsWith(`${neighbour}.`)) ?? '';
  await writeFile(data, await readFile(join(leaf, other)));
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

test('a session directory with two heads is corruption, and a sweep goes on past it', async ({ directory }) => {
  const { store, leaf } = await storedSession(directory);
  await writeFile(join(leaf, id, `h.7.1.1.7.${'0'.repeat(32)}`), '');
  await expect(store.load(id)).rejects.toMatchObject(corrupt);
  await expect(store.delete(id)).rejects.toMatchObject(corrupt);
  await store.create(idOf('expired'), { ...draft, expiresAt: 1 });
  expect(await store.deleteExpired()).toBe(1);
  expect(await readdir(join(leaf, id))).toHaveLength(2);
});

test('a corrupt record hides no other', async ({ directory }) => {
  const { store, data } = await storedSession(directory);
  await store.create(idOf('whole'), draft);
  await truncate(data, 10);
  expect((await Array.fromAsync(store.entries())).map(([found]) => found)).toEqual([idOf('whole')]);
  expect((await store.bySubject('user')).map(([found]) => found)).toEqual([idOf('whole')]);
});
