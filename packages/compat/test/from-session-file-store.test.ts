import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { idOf, MemoryStore } from '@stet/core';
import session from 'express-session';
import fileStoreOf from 'session-file-store';
import { expect, onTestFinished, test } from 'vitest';
import { moveIn, sessionFileStore } from '../src/from.ts';
import type { Library } from './from/library.ts';
import { movesInFrom } from './from/moving-in-from.ts';
import { canary, errorOf, everythingIn } from './from/telling.ts';

const FileStore = fileStoreOf(session);

async function open(fileExtension: string): Promise<Library> {
  const path = await mkdtemp(join(tmpdir(), 'stet-from-files-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  const fileOf = (sid: string) => join(path, sid + fileExtension);
  return {
    store: new FileStore({ path, fileExtension, reapInterval: -1, retries: 0, logFn: () => {} }),
    from: sessionFileStore({ path, fileExtension }),
    async refused(sid) {
      await rm(fileOf(sid), { force: true });
      await mkdir(fileOf(sid));
      return sessionFileStore({ path, fileExtension });
    },
    unreachable: sessionFileStore({ path: join(path, 'elsewhere') }),
    async remaining() {
      return (await readdir(path)).map((name) => name.slice(0, name.length - fileExtension.length));
    },
    spoil: async (sid) => writeFile(fileOf(sid), (await readFile(fileOf(sid), 'utf8')).slice(0, -2)),
    async expire(sid) {
      const kept = JSON.parse(await readFile(fileOf(sid), 'utf8'));
      await writeFile(fileOf(sid), JSON.stringify({ ...kept, __lastAccess: kept.__lastAccess - 25 * 3_600_000 }));
    },
  };
}

movesInFrom('session-file-store', () => open('.json'));
movesInFrom('session-file-store with an extension like a pattern', () => open('.[a]*$'));

test('a file that the library encrypted is no session without a word', async () => {
  const library = await open('.json');
  const path = join(await mkdtemp(join(tmpdir(), 'stet-from-files-')));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  const store = new FileStore({ path, reapInterval: -1, retries: 0, logFn: () => {}, secret: 'a secret' });
  const data = { cookie: { originalMaxAge: null } } as unknown as session.SessionData;
  await new Promise((resolve) => store.set('one', data, resolve));
  expect(await readdir(path)).toEqual(['one.json']);
  await expect(sessionFileStore({ path }).load('one')).rejects.toMatchObject({ code: 'STORE_CORRUPT_RECORD' });
  expect(await library.from.load('one')).toBeNull();
});

test('a file that is no JSON is told of without its text', async () => {
  const path = await mkdtemp(join(tmpdir(), 'stet-from-files-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  const from = sessionFileStore({ path });
  for (const text of [canary, `${canary}\nx`, `{"a":\n${canary}`, `"\n'${canary}'"`, `{"a": "b' ${canary}`]) {
    await writeFile(join(path, 'one.json'), text);
    const error = await errorOf(from.load('one'));
    expect(error).toMatchObject({ code: 'STORE_CORRUPT_RECORD' });
    expect([text, everythingIn(error)]).toEqual([text, expect.not.stringContaining(canary)]);
  }
});

test('a clock with fractions gives whole instants', async () => {
  const path = await mkdtemp(join(tmpdir(), 'stet-from-files-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  await writeFile(join(path, 'one.json'), JSON.stringify({ __lastAccess: Date.now(), cookie: {} }));
  const from = sessionFileStore({ path, now: () => Math.floor(Date.now()) + 0.5 });
  const to = new MemoryStore();
  expect(await Array.fromAsync(moveIn({ from, to }))).toEqual(['one']);
  expect(Number.isInteger((await to.load(idOf('one')))?.createdAt)).toBe(true);
});

test('a sid leads to no file outside of the folder', async () => {
  const path = await mkdtemp(join(tmpdir(), 'stet-from-files-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  const text = JSON.stringify({ __lastAccess: Date.now(), cookie: {} });
  await mkdir(join(path, 'sessions', 'below'), { recursive: true });
  await Promise.all(['one.json', 'sessions/below/two.json'].map((file) => writeFile(join(path, file), text)));
  const from = sessionFileStore({ path: join(path, 'sessions') });
  for (const sid of ['../one', './../one', 'below/two', join(path, 'one')]) {
    expect([sid, await from.load(sid), await from.delete(sid)]).toEqual([sid, null, false]);
  }
  expect(await Array.fromAsync(from.entries())).toEqual([]);
  expect(await readdir(path)).toContain('one.json');
});

test('settings that cannot be are refused', () => {
  for (const settings of [{ path: '' }, { fileExtension: '/x' }, { fileExtension: '/' }]) {
    expect(() => sessionFileStore(settings)).toThrow(TypeError);
  }
});
