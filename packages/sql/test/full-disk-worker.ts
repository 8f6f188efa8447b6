import { statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isStoreError } from '@stet/core';
import { draftOf, newId, storeOn } from '@stet/sql-doors';
import { door } from './doors/better-sqlite3.ts';

/**
 * Runs on a small file system of its own. Leaves a page more free each time, from none on, and writes 48 KiB to each of
 * some sessions. Prints what became of it, as JSON.
 */
const [, , folder = ''] = process.argv;
const opened = await door.open(pathToFileURL(join(folder, 'sessions.db')).href);
const store = await storeOn(opened);
const outcomes: Record<string, number> = {};

for (let freePages = 0; freePages <= 24; freePages += 2) {
  const id = newId();
  const base = await store.create(id, draftOf());
  if (!base) throw new Error('taken');
  await writeFile(join(folder, '.filler'), '');
  const { bavail, bsize } = await statfs(folder);
  await writeFile(join(folder, '.filler'), Buffer.alloc((bavail - freePages) * bsize, 1));
  const data = 'x'.repeat(49_152);
  const said = await store.update(id, base, draftOf({ data })).then(
    ({ status }) => status,
    (error) => (isStoreError(error) ? `${error.code} ${(error.cause as { code: string }).code}` : String(error)),
  );
  const found = await store.load(id);
  const kept = found?.data === data ? 'new' : found?.data === base.data ? 'old' : 'spoilt';
  await writeFile(join(folder, '.filler'), '');
  outcomes[`${said}: ${kept}`] = (outcomes[`${said}: ${kept}`] ?? 0) + 1;
}
console.log(JSON.stringify(outcomes));
await opened.close();
