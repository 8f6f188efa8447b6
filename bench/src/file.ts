import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SessionRecord } from '@stet/core';
import { type Durability, FileStore } from '@stet/file';
import session, { type SessionData, type Store } from 'express-session';
import { compare, type Turn } from './speed/compare.ts';
import { contents } from './speed/contents.ts';
import { printTable } from './speed/table.ts';

/**
 * Sets `FileStore` beside session-file-store: one call after the other, on one disk, the contenders in turn. What the
 * tables show is how often a call is done per second, by the store of the first row, and the ratio of the others to it
 * in the same rounds.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, slice: { type: 'string', default: '300' } },
});
const pace = { rounds: Number(values.rounds), sliceMs: Number(values.slice) };
const sessions = 512;
const ids: readonly string[] = Array.from({ length: sessions }, (_, index) =>
  createHash('sha256').update(`${index}`).digest('hex'),
);
const expiresAt = Date.now() + 86_400_000;

/** What is done with a store, by the name of the column. */
interface Contender {
  readonly name: string;
  /** Loads a session that this process has not met yet, or has forgotten. */
  readonly first: Turn;
  readonly repeated: Turn;
  readonly update: Turn;
  readonly create: Turn;
}

/** One call after the other, for the sessions in turn. */
function turnOf(call: (index: number) => Promise<unknown>): Turn {
  let next = 0;
  return async (sliceMs) => {
    const startedAt = performance.now();
    let done = 0;
    do {
      await call(next % sessions);
      next += 1;
      done += 1;
    } while (performance.now() - startedAt < sliceMs);
    return (done * 1_000) / (performance.now() - startedAt);
  };
}

async function peer(path: string): Promise<Contender> {
  const SessionFileStore = createRequire(import.meta.url)('session-file-store')(session);
  const store: Store = new SessionFileStore({ path, reapInterval: -1, logFn: () => {} });
  const cookie = { originalMaxAge: 86_400_000, expires: new Date(expiresAt), httpOnly: true, path: '/' };
  const data = { cookie, ...contents() } as unknown as SessionData;
  const set = (sid: string): Promise<void> => answer((done) => store.set(sid, data, done));
  for (const id of ids) await set(id);
  const load = turnOf((index) => answer((done) => store.get(ids[index] ?? '', done)));
  let created = 0;
  return {
    name: 'session-file-store',
    first: load,
    repeated: load,
    update: turnOf((index) => set(ids[index] ?? '')),
    create: turnOf(() => set(`new-${created++}`)),
  };
}

async function ours(directory: string, durability: Durability): Promise<Contender> {
  const store = new FileStore({ directory, durability });
  const draft = { data: JSON.stringify(contents()), expiresAt };
  const records = new Map<string, SessionRecord>();
  for (const id of ids) records.set(id, (await store.create(id, draft)) as SessionRecord);
  let stranger = new FileStore({ directory, durability });
  let created = 0;
  return {
    name: `FileStore, '${durability}'`,
    first: turnOf((index) => {
      if (index === 0) stranger = new FileStore({ directory, durability });
      return stranger.load(ids[index] ?? '');
    }),
    repeated: turnOf((index) => store.load(ids[index] ?? '')),
    update: turnOf(async (index) => {
      const id = ids[index] ?? '';
      const result = await store.update(id, records.get(id) as SessionRecord, draft);
      if (result.status !== 'updated') throw new Error(result.status);
      records.set(id, result.record);
    }),
    create: turnOf(() => store.create(createHash('sha256').update(`new ${created++}`).digest('hex'), draft)),
  };
}

function answer<T>(call: (done: (error?: unknown, value?: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value as T)));
  });
}

const folder = await mkdtemp(join(tmpdir(), 'stet-bench-'));
try {
  const contenders = [
    await peer(join(folder, 'peer')),
    await ours(join(folder, 'power-loss'), 'power-loss'),
    await ours(join(folder, 'process-crash'), 'process-crash'),
  ];
  const columns: string[][] = [];
  for (const what of ['first', 'repeated', 'update', 'create'] as const) {
    columns.push(
      await compare(
        pace,
        contenders.map((contender) => contender[what]),
      ),
    );
  }
  const rows = contenders.map(({ name }, row) => [name, ...columns.map((cells) => cells[row] ?? '')]);
  printTable(['store', 'first load', 'repeated load', 'update', 'create'], rows);
} finally {
  await rm(folder, { recursive: true, force: true });
}
