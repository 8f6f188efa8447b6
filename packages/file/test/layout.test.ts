import { mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { idOf } from '@stet/core';
import { expect } from 'vitest';
import { interceptDisk } from './disk-interception.ts';
import { patientStore } from './patient-store.ts';
import { contentOf, leafOf } from './stored-files.ts';
import { test } from './temporary-directory.ts';

const draft = { data: '{}', expiresAt: Date.UTC(2100, 0), subject: 'user' };

test('only the owner can read what the store makes', async ({ directory }) => {
  const root = join(directory, 'made', 'by', 'the store');
  const store = patientStore({ directory: root });
  const record = await store.create(idOf('a'), draft);
  if (record) await store.update(idOf('a'), record, draft);
  const modes = await Promise.all(
    [root, ...(await readdir(root, { recursive: true })).map((path) => join(root, path))].map(async (path) => {
      const { mode } = await stat(path);
      return (mode & 0o170777).toString(8);
    }),
  );
  expect(new Set(modes)).toEqual(new Set(['40700', '100600']));
  expect(modes.length).toBeGreaterThan(256);
});

const hostileIds = [
  '../../escape',
  '..',
  '.',
  '',
  '/etc/passwd',
  'a\0b',
  'a\r\nb',
  'CON',
  '__proto__',
  '*',
  '%2e%2e%2f',
  '\u{1F600}',
  '\uD800',
  'A'.repeat(64),
  `${'a'.repeat(63)}/`,
  `${'a'.repeat(64)}\n`,
  'a'.repeat(65),
  'a'.repeat(1_000_000),
  null,
  undefined,
  { toString: () => 'a'.repeat(64) },
  ['a'.repeat(64)],
] as string[];

test('an id that is none causes no call to the disk', async ({ directory }) => {
  const store = patientStore({ directory });
  const calls: string[] = [];
  const restore = interceptDisk('', (call, proceed) => {
    calls.push(call.path);
    return proceed();
  });
  try {
    for (const id of hostileIds) {
      const base = { ...draft, revision: 1, createdAt: 0 };
      await expect(store.load(id)).rejects.toThrow(TypeError);
      await expect(store.create(id, draft)).rejects.toThrow(TypeError);
      await expect(store.update(id, base, draft)).rejects.toThrow(TypeError);
      await expect(store.touch(id, draft.expiresAt)).rejects.toThrow(TypeError);
      await expect(store.delete(id)).rejects.toThrow(TypeError);
      await expect(store.loadOrLease(id)).rejects.toThrow(TypeError);
      await expect(store.replaceIf(id, 'token', base)).rejects.toThrow(TypeError);
    }
  } finally {
    restore();
  }
  expect(calls).toEqual([]);
});

test('hostile text stays inside of the data file', async ({ directory }) => {
  const store = patientStore({ directory });
  const data = '../../x\r\n\u2028\n$&{"__proto__":1}\uFFFD\u{1F600}';
  const subject = 'a/../..\n"\\\u{1F600}';
  await store.create(idOf('a'), { ...draft, data, subject });
  expect(await store.load(idOf('a'))).toMatchObject({ data, subject });
  expect((await store.bySubject(subject)).map(([id]) => id)).toEqual([idOf('a')]);
});

test('files that are not of the store are neither read nor removed', async ({ directory }) => {
  const store = patientStore({ directory });
  const id = idOf('a');
  await store.create(id, draft);
  const leaf = leafOf(directory, id);
  const foreign = [
    join(directory, 'notes'),
    join(leaf, 'notes'),
    join(directory, '00', 'notes'),
    join(leaf, id, 'notes'),
  ];
  for (const path of foreign) await writeFile(path, 'mine');
  await mkdir(join(directory, 'zz'));

  expect(await store.load(id)).toMatchObject({ data: '{}' });
  expect(await Array.fromAsync(store.entries())).toHaveLength(1);
  await store.deleteExpired();
  for (const path of foreign) expect(await readFile(path, 'utf8')).toBe('mine');
});

test('a symbolic link in place of a data file is not followed', async ({ directory }) => {
  const store = patientStore({ directory });
  const id = idOf('a');
  await store.create(id, draft);
  const data = await contentOf(directory, id);
  const elsewhere = join(directory, 'elsewhere');
  await writeFile(elsewhere, await readFile(data));
  await rename(data, `${elsewhere}.original`);
  await symlink(elsewhere, data);
  await expect(patientStore({ directory }).load(id)).rejects.toMatchObject({ code: 'STORE_CORRUPT_RECORD' });
});

test('a symbolic link in the way of a new file is not written through', async ({ directory }) => {
  const store = patientStore({ directory: join(directory, 'store') });
  await store.load(idOf('a'));
  const elsewhere = join(directory, 'elsewhere');
  await writeFile(elsewhere, 'mine');
  const restore = interceptDisk(join(directory, 'store'), async (call, proceed) => {
    if (call.name === 'open' && call.args[1] !== 'r') await symlink(elsewhere, call.path);
    return proceed();
  });
  try {
    await expect(store.create(idOf('a'), draft)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  } finally {
    restore();
  }
  expect(await readFile(elsewhere, 'utf8')).toBe('mine');
});
