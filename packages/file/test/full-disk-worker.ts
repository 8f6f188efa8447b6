import { statfs, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isStoreError } from '@stet/core';
import { type CounterStore, counterId, countOf, countText, never, openCounterStore } from './torture/counter-store.ts';

/**
 * Runs on a small file system of its own. Leaves a page more free each time, from none on, and updates a session to one
 * of twice the size. Prints what became of it, as JSON.
 */
const [kind, directory = ''] = process.argv.slice(2);
const filler = join(directory, '.filler');

async function fillUpTo(freePages: number): Promise<void> {
  await writeFile(filler, '');
  const { bavail, bsize } = await statfs(directory);
  await writeFile(filler, Buffer.alloc((bavail - freePages) * bsize, 1));
}

async function attempt(store: CounterStore, id: string, freePages: number): Promise<string> {
  const base = await store.create(id, { data: countText(0), expiresAt: never });
  if (!base) return 'taken';
  await fillUpTo(freePages);
  const said = await store.update(id, base, { data: countText(1, 48), expiresAt: never }).then(
    ({ status }) => status,
    (error) => (isStoreError(error) ? `${error.code} ${(error.cause as NodeJS.ErrnoException).code}` : error.code),
  );
  const found = await store.load(id).then(
    (record) => (record ? countOf(record.data) : 'gone'),
    () => 'unreadable',
  );
  await unlink(filler);
  return `${said}: ${found}`;
}

const outcomes: Record<string, number> = {};
const store = openCounterStore(kind as 'power-loss' | 'naive', directory);
for (let freePages = 0; freePages <= 12; freePages += 1) {
  const outcome = await attempt(store, counterId(freePages), freePages);
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
}
console.log(JSON.stringify(outcomes));
