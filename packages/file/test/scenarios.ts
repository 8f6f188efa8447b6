import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrontResult, FrontStore, SessionRecord, UpdateResult } from '@stet/core';
import { patientStore } from './patient-store.ts';

/** Within all of them the session `id` starts out as the state says. */
export interface Scenario {
  readonly name: string;
  readonly before: 'absent' | 'expired' | 'live' | 'leased';
  /** One write. The token is that of the session's entry, from before the write began, if there was one. */
  run(store: FrontStore, token: string): Promise<SessionRecord | null | UpdateResult | FrontResult['status'] | boolean>;
  /** Whether the record, as it is read later, is what the write makes of it. */
  isDone(record: SessionRecord | null): boolean;
}

export const id: string = createHash('sha256').update('scenario').digest('hex');
export const later: number = Date.UTC(2100, 0);
const evenLater = later + 1;
const oldData = 'old '.repeat(1_000);
const newData = 'new '.repeat(2_000);
const base: SessionRecord = { data: oldData, expiresAt: later, revision: 1, createdAt: 1 };

export const scenarios: readonly Scenario[] = [
  {
    name: 'create',
    before: 'absent',
    run: (store) => store.create(id, { data: newData, expiresAt: later }),
    isDone: (record) => record?.data === newData,
  },
  {
    name: 'create over an expired session',
    before: 'expired',
    run: (store) => store.create(id, { data: newData, expiresAt: later }),
    isDone: (record) => record?.data === newData,
  },
  {
    name: 'update',
    before: 'live',
    run: (store) => store.update(id, base, { data: newData, expiresAt: later }),
    isDone: (record) => record?.data === newData && record.revision === 2,
  },
  {
    name: 'touch',
    before: 'live',
    run: (store) => store.touch(id, evenLater),
    isDone: (record) => record?.expiresAt === evenLater && record.data === oldData,
  },
  {
    name: 'delete',
    before: 'live',
    run: (store) => store.delete(id),
    isDone: (record) => record === null,
  },
  {
    name: 'replacement',
    before: 'live',
    // The revision stays: that of the content is no measure of which came first.
    run: async (store, token) => (await store.replaceIf(id, token, { ...base, data: newData })) !== null,
    isDone: (record) => record?.data === newData && record.revision === 1,
  },
  {
    name: 'filling of a lease',
    before: 'leased',
    run: async (store, token) => (await store.replaceIf(id, token, { ...base, data: newData, revision: 7 })) !== null,
    isDone: (record) => record?.data === newData && record.revision === 7,
  },
];

export const lease: Scenario = {
  name: 'lease',
  before: 'absent',
  run: async (store) => (await store.loadOrLease(id)).status,
  isDone: (record) => record === null,
};

/** Writes that no reader sees: only who leases, or fills a lease, is told of them. */
export const unseenScenarios: readonly Scenario[] = [
  lease,
  {
    name: 'lease over an expired session',
    before: 'expired',
    run: lease.run,
    isDone: lease.isDone,
  },
  {
    name: 'delete of a lease',
    before: 'leased',
    run: (store) => store.delete(id),
    isDone: (record) => record === null,
  },
];

/** Whether the record is as it was before any of the writes. */
export function isUntouched({ before }: Scenario, record: SessionRecord | null): boolean {
  if (before !== 'live') return record === null;
  return record?.data === oldData && record.expiresAt === later && record.revision === 1;
}

/**
 * Makes the session what the scenario starts from, in a store that has none, and resolves to the token of its entry.
 */
export async function begin({ before }: Scenario, store: FrontStore): Promise<string> {
  if (before === 'expired') await store.create(id, { data: oldData, expiresAt: 1, createdAt: 1 });
  if (before === 'absent' || before === 'expired') return '';
  const entry = await store.loadOrLease(id);
  const lease = entry.status === 'leased' ? entry.token : '';
  // A lease is filled with a record of any revision: this one is known, and that of a creation is random.
  return before === 'leased' ? lease : ((await store.replaceIf(id, lease, base)) ?? '');
}

/** The leaf that the session `id` is kept in. */
function leafIn(directory: string): string {
  return join(directory, id.slice(0, 2));
}

/** A store directory for many scenarios, one after the other; making it afresh for each would take most of the time. */
export async function makeStoreDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'stet-scenario-'));
  await patientStore({ directory }).load(id);
  return directory;
}

/** Brings the session into the state that the scenario starts from, and resolves to the token of its entry. */
export async function prepare(scenario: Scenario, directory: string): Promise<string> {
  await empty(leafIn(directory));
  return begin(scenario, patientStore({ directory, durability: 'process-crash', leaseMs: 60_000_000 }));
}

/** The record as a process sees it that comes afterwards. */
export function recordIn(directory: string): Promise<SessionRecord | null> {
  return patientStore({ directory }).load(id);
}

/** What lies in the leaf for nothing: data that no head names, drafts, directories without a session. */
export async function leftovers(directory: string): Promise<string[]> {
  const names = await namesIn(leafIn(directory));
  const [head] = await namesIn(join(leafIn(directory), id));
  const [generation, nonce] = head?.split('.').slice(-2) ?? [];
  return names.filter((name) => !head || (name !== id && name !== `${id}.${generation}.${nonce}`));
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

/** Sweeps with a clock by which everything is as old as only an orphan is. */
export function sweepLater(directory: string, now: () => number = Date.now): Promise<number> {
  return patientStore({ directory, now: () => now() + 3_600_000 }).deleteExpired();
}

async function empty(directory: string): Promise<void> {
  for (const name of await namesIn(directory)) await rm(join(directory, name), { recursive: true });
}
