import { rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { type FrontStore, isStoreError, MemoryStore } from '@stet/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FileStore } from '../src/index.ts';
import { recordCalls, withCall } from './disk-interception.ts';
import { patientStore } from './patient-store.ts';
import {
  begin,
  id,
  later,
  makeStoreDirectory,
  prepare,
  type Scenario,
  scenarios,
  sweepLater,
  unseenScenarios,
} from './scenarios.ts';

let directory: string;

beforeAll(async () => {
  directory = await makeStoreDirectory();
});
afterAll(() => rm(directory, { recursive: true }));

const now = (): number => 1_000;

function openStore(): FileStore {
  return patientStore({ directory, now, durability: 'process-crash' });
}

interface Meanwhile {
  readonly what: string;
  /** The token is the one that the writer has. */
  act(store: FrontStore, token: string): Promise<unknown>;
}

const sweep = {
  what: 'a sweep to which everything is old',
  act: (): Promise<unknown> => sweepLater(directory, now),
};

/** What other processes do while the writer is stopped. */
const meanwhile: readonly Meanwhile[] = [
  sweep,
  { what: 'a touch', act: (store) => store.touch(id, later + 100) },
  {
    what: 'an update',
    async act(store) {
      const base = await store.load(id);
      if (base) await store.update(id, base, { data: 'other', expiresAt: later });
    },
  },
  {
    what: 'a deletion and a sweep',
    async act(store) {
      await store.delete(id);
      await sweep.act();
    },
  },
  { what: 'a creation', act: (store) => store.create(id, { data: 'other', expiresAt: later }) },
  {
    what: 'a deletion, a creation and a sweep',
    async act(store) {
      await store.delete(id);
      await store.create(id, { data: 'other', expiresAt: later });
      await sweep.act();
    },
  },
  { what: 'a lease', act: (store) => store.loadOrLease(id) },
  {
    what: 'a lease, the filling of it and a sweep',
    async act(store, token) {
      const entry = await store.loadOrLease(id);
      const record = { data: 'other', expiresAt: later, revision: 1, createdAt: 1 };
      await store.replaceIf(id, entry.status === 'busy' ? token : entry.token, record);
      await sweep.act();
    },
  },
];

/** What the writer was told, and what readers saw before it went on and after. */
interface History {
  readonly said: unknown;
  readonly between: unknown;
  readonly finally: unknown;
}

/** What is told of a record, without the revision that it was created with, which is random. */
function comparable(told: unknown): unknown {
  const isRandom = (key: string, value: unknown): boolean => key === 'revision' && Number(value) > 1_000;
  return JSON.parse(JSON.stringify(told), (key, value) => (isRandom(key, value) ? 'random' : value));
}

function codeOf(error: unknown): unknown {
  return isStoreError(error) ? error.code : error;
}

function seen(): Promise<unknown> {
  return openStore().load(id).catch(codeOf);
}

/** Stops the writer before its k-th call to the disk, lets the others act, and lets it go on. */
async function interrupt(scenario: Scenario, k: number, { act }: Meanwhile): Promise<History> {
  const token = await prepare(scenario, directory);
  const stopped = Promise.withResolvers<void>();
  const others = Promise.withResolvers<void>();
  const interceptor = async (_call: unknown, proceed: () => Promise<unknown>): Promise<unknown> => {
    stopped.resolve();
    await others.promise;
    return proceed();
  };
  return withCall(directory, k, interceptor, async () => {
    const writing = scenario.run(openStore(), token).catch(codeOf);
    await stopped.promise;
    await act(openStore(), token);
    const between = await seen();
    others.resolve();
    return { said: await writing, between, finally: await seen() };
  });
}

/** What may come of it by the reference: the write took effect before the others acted, or after, or was refused. */
async function allowed(scenario: Scenario, { act }: Meanwhile): Promise<History[]> {
  const first = new MemoryStore({ now });
  const firstToken = await begin(scenario, first);
  const saidFirst = await scenario.run(first, firstToken);
  await act(first, firstToken);
  const afterBoth = await first.load(id);

  const second = new MemoryStore({ now });
  const secondToken = await begin(scenario, second);
  await act(second, secondToken);
  const between = await second.load(id);
  const saidSecond = await scenario.run(second, secondToken);
  return [
    { said: saidFirst, between: afterBoth, finally: afterBoth },
    { said: saidSecond, between, finally: await second.load(id) },
    { said: 'STORE_UNAVAILABLE', between, finally: between },
  ];
}

describe.each([...scenarios, ...unseenScenarios])('a process stopped in the middle of: $name', (scenario) => {
  test.each(meanwhile)('goes on after $what as if it had come before or after', async (others) => {
    const token = await prepare(scenario, directory);
    const calls = await recordCalls(directory, () => scenario.run(openStore(), token));
    const histories = await allowed(scenario, others);
    for (const [k, { name, path }] of calls.entries()) {
      const history = await interrupt(scenario, k, others);
      expect(history, `stopped before call ${k}, ${name} ${path}`).toSatisfy((actual: History) =>
        histories.some((possible) => isDeepStrictEqual(comparable(actual), comparable(possible))),
      );
    }
  });
});
