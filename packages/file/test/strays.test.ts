import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { idOf } from '@stet/core';
import { describe, expect } from 'vitest';
import { patientStore } from './patient-store.ts';
import { leafOf, sessionOf } from './stored-files.ts';
import { test } from './temporary-directory.ts';

const id = idOf('a');
const draft = { data: '{}', expiresAt: Date.UTC(2100, 0) };

/** What Finder, Explorer, backup programs and editors leave behind, and names that are nearly the store's own. */
const strays = ['.DS_Store', 'Thumbs.db', '.nfs000000000000a1b2', '~', 'h.1.2.3', `h.01.1.1.1.${'0'.repeat(32)}`];

async function put(folder: string): Promise<string[]> {
  for (const stray of strays) await writeFile(join(folder, stray), stray);
  await mkdir(join(folder, '.AppleDouble'));
  await writeFile(join(folder, '.AppleDouble', 'Parent'), 'Parent');
  return [...strays, 'Parent'];
}

/** The contents of all files below a directory that say their own names, as strays do. */
async function found(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return texts.filter((text) => [...strays, 'Parent'].includes(text)).sort();
}

describe('what is not of the store', () => {
  test('in the directory of a session changes nothing about it', async ({ directory }) => {
    const store = patientStore({ directory });
    const base = await store.create(id, draft);
    if (!base) expect.unreachable('the id was free');
    const put_ = await put(sessionOf(directory, id));
    expect(await store.load(id)).toEqual(base);
    expect(await store.update(id, base, { ...draft, data: 'next' })).toMatchObject({ status: 'updated' });
    expect(await store.touch(id, draft.expiresAt + 1)).toBe(true);
    expect(await store.create(id, draft)).toBeNull();
    expect(await store.deleteExpired()).toBe(0);
    expect(await Array.fromAsync(store.entries())).toHaveLength(1);
    expect((await readdir(sessionOf(directory, id))).filter((name) => strays.includes(name)).sort()).toEqual(
      [...strays].sort(),
    );
    expect(await found(directory)).toEqual(put_.sort());
  });

  test('in the directory of a session that ended holds up no other, and is kept', async ({ directory }) => {
    const store = patientStore({ directory });
    await store.create(id, draft);
    const all = await put(sessionOf(directory, id));
    expect(await store.delete(id)).toBe(true);
    expect(await store.load(id)).toBeNull();
    expect(await store.delete(id)).toBe(false);
    expect(await store.touch(id, draft.expiresAt)).toBe(false);
    expect(await store.deleteExpired()).toBe(0);
    expect(await Array.fromAsync(store.entries())).toEqual([]);
    expect(await store.create(id, draft)).toMatchObject(draft);
    expect(await store.load(id)).toMatchObject(draft);
    expect(await found(directory)).toEqual(all.sort());
  });

  test('in the directory of a session that ended holds up no lease', async ({ directory }) => {
    const store = patientStore({ directory });
    await store.create(id, draft);
    const all = await put(sessionOf(directory, id));
    await store.delete(id);
    const entry = await store.loadOrLease(id);
    if (entry.status !== 'leased') expect.unreachable(entry.status);
    expect(await store.replaceIf(id, entry.token, { ...draft, revision: 7, createdAt: 1 })).not.toBeNull();
    expect(await store.load(id)).toMatchObject({ revision: 7 });
    expect(await found(directory)).toEqual(all.sort());
  });

  test('in a leaf, and in the directory of the store, is left alone', async ({ directory }) => {
    const store = patientStore({ directory });
    await store.create(id, { ...draft, subject: 'user' });
    const inLeaf = await put(leafOf(directory, id));
    await put(directory);
    const later = patientStore({ directory, now: () => Date.now() + 3_600_000 });
    expect(await later.deleteExpired()).toBe(0);
    expect(await Array.fromAsync(store.entries())).toHaveLength(1);
    expect(await store.bySubject('user')).toHaveLength(1);
    expect(await store.delete(id)).toBe(true);
    expect(await found(directory)).toEqual([...inLeaf, ...inLeaf].sort());
    expect((await readdir(leafOf(directory, id))).map((name) => basename(name))).toContain('.DS_Store');
  });
});
