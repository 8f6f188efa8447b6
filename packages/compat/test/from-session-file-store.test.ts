import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import session from 'express-session';
import fileStoreOf from 'session-file-store';
import { expect, onTestFinished, test } from 'vitest';
import { sessionFileStore } from '../src/from.ts';
import type { Library } from './from/library.ts';
import { movesInFrom } from './from/moving-in-from.ts';

const FileStore = fileStoreOf(session);

async function open(fileExtension: string): Promise<Library> {
  const path = await mkdtemp(join(tmpdir(), 'stet-from-files-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  const fileOf = (sid: string) => join(path, sid + fileExtension);
  return {
    store: new FileStore({ path, fileExtension, reapInterval: -1, retries: 0, logFn: () => {} }),
    from: sessionFileStore({ path, fileExtension }),
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
