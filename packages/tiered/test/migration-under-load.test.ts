import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { idOf, type SessionStore } from '@stet/core';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { MigratingStore } from '../src/index.ts';
import { type Route, startPlaces } from './migration/places.ts';

const shoppers = 4;
const killsPerShopper = 4;
const notesBetweenKills = 60;
const sessions = 400;
const lifeMs = 3_600_000;
const worker = fileURLToPath(new URL('migration/shopper.ts', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stet-migration-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A session with a history: `firstRevision` is what it had while it had one key. */
async function begin(store: SessionStore, at: number): Promise<{ id: string; firstRevision: number }> {
  const id = idOf(`visitor ${at}`);
  const draft = { data: 'begun', expiresAt: Date.now() + lifeMs, subject: `user-${at}` };
  let base = await store.create(id, { ...draft, createdAt: 1_700_000_000_000 + at });
  const firstRevision = Number(base?.revision);
  for (let update = 0; base && update < at % 3; update += 1) {
    const result = await store.update(id, base, { ...draft, data: `${base.data} before.${update}` });
    base = result.status === 'updated' ? result.record : null;
  }
  return { id, firstRevision };
}

/** A process that is killed again and again in the middle of its work, and begun again. */
async function shop(route: Route, ids: readonly string[], name: string): Promise<string[]> {
  const lines: string[] = [];
  for (let life = 0; life <= killsPerShopper; life += 1) {
    const journal = join(folder, `${route.from}-${route.to}-${name}-${life}`);
    await writeFile(journal, '');
    const settings = JSON.stringify({ route, ids, name: `${name}.${life}`, journal });
    const child = spawn(process.execPath, [worker, settings], { stdio: ['ignore', 'inherit', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const notes = async (): Promise<string[]> => (await readFile(journal, 'utf8')).split('\n').slice(0, -1);
    await vi.waitUntil(async () => hasEnded(child) || (await notes()).length >= notesBetweenKills, { timeout: 60_000 });
    expect(hasEnded(child), 'the shopper ended by itself').toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    lines.push(...(await notes()));
  }
  return lines;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

it.each<Route>([
  { from: 'File', to: 'PostgreSQL' },
  { from: 'PostgreSQL', to: 'Redis' },
  { from: 'Redis', to: 'Redis' },
])('from $from to $to every session arrives once while four processes use them and are killed', async (route) => {
  const { open, close } = await startPlaces(route);
  onTestFinished(close);
  const { from, to } = await open({ namespace: 'sessions', leaseMs: 1_000 });
  const store = new MigratingStore({ from, to });
  const begun = await Promise.all(Array.from({ length: sessions }, (_, at) => begin(from, at)));
  const ids = begun.map(({ id }) => id);

  const journals = await Promise.all(Array.from({ length: shoppers }, (_, at) => shop(route, ids, `shopper${at}`)));
  const movedByUse = sessions - (await Array.fromAsync(from.entries())).length;
  for await (const _ of store.moveAll());

  const lines = journals.flat().map((line) => line.split(' '));
  const idsOf = (kind: string): Set<string> =>
    new Set(lines.filter(([each]) => each === kind).map(([, id]) => String(id)));
  const [ending, ended] = [idsOf('ending'), idsOf('ended')];
  for (const [at, { id, firstRevision }] of begun.entries()) {
    const record = await store.load(id);
    if (ended.has(id)) expect(record, 'a session that was ended').toBeNull();
    if (!record) {
      expect(ending.has(id), `session ${at} was lost`).toBe(true);
      continue;
    }
    const keys = record.data.split(' ');
    const kept = lines.filter(([kind, of]) => kind === 'kept' && of === id).map(([, , key]) => key);
    expect(keys).toEqual(expect.arrayContaining(kept));
    expect(new Set(keys).size).toBe(keys.length);
    const revision = firstRevision + keys.length - 1;
    expect(record).toMatchObject({ revision, createdAt: 1_700_000_000_000 + at, subject: `user-${at}` });
  }
  expect(await Array.fromAsync(from.entries())).toEqual([]);
  console.log(
    `${route.from} to ${route.to}: ${sessions} sessions, ${shoppers * (killsPerShopper + 1)} kills, ${movedByUse} moved by use, ` +
      `${lines.filter(([kind]) => kind === 'kept').length} acknowledged updates, ${ended.size} logouts; 0 lost, 0 undone`,
  );
});
