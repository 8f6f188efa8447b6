import { rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { isStoreError, MemoryStore, type SessionStore, type SweepableStore } from '@stet/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileStore } from '../src/index.ts';
import { recordCalls, withCall } from './disk-interception.ts';
import { age, id, initial, later, makeStoreDirectory, prepare, type Scenario, scenarios } from './scenarios.ts';

let directory: string;

beforeAll(async () => {
  directory = await makeStoreDirectory();
});
afterAll(() => rm(directory, { recursive: true }));

const now = (): number => 1_000;

function openStore(): FileStore {
  return new FileStore({ directory, now, durability: 'process-crash' });
}

interface Meanwhile {
  readonly what: string;
  act(store: SessionStore & SweepableStore): Promise<unknown>;
}

const sweep: Meanwhile = {
  what: 'a sweep to which everything is old',
  async act(store) {
    await age(directory);
    await store.deleteExpired();
  },
};

/** What other processes do while the writer is stopped. */
const meanwhile: readonly Meanwhile[] = [
  sweep,
  {
    what: 'a sweep to which the data alone is old',
    async act(store) {
      await age(directory, (name) => name.startsWith(`${id}.`));
      await store.deleteExpired();
    },
  },
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
      await sweep.act(store);
    },
  },
  { what: 'a creation', act: (store) => store.create(id, { data: 'other', expiresAt: later }) },
  {
    what: 'a deletion, a creation and a sweep',
    async act(store) {
      await store.delete(id);
      await store.create(id, { data: 'other', expiresAt: later });
      await sweep.act(store);
    },
  },
];

/** What the writer was told, and what readers saw before it went on and after. */
interface History {
  readonly said: unknown;
  readonly between: unknown;
  readonly finally: unknown;
}

function codeOf(error: unknown): unknown {
  return isStoreError(error) ? error.code : error;
}

function seen(): Promise<unknown> {
  return openStore().load(id).catch(codeOf);
}

/** Stops the writer before its k-th call to the disk, lets the others act, and lets it go on. */
async function interrupt(scenario: Scenario, k: number, { act }: Meanwhile): Promise<History> {
  await prepare(scenario, directory);
  const stopped = Promise.withResolvers<void>();
  const others = Promise.withResolvers<void>();
  const interceptor = async (_call: unknown, proceed: () => Promise<unknown>): Promise<unknown> => {
    stopped.resolve();
    await others.promise;
    return proceed();
  };
  return withCall(directory, k, interceptor, async () => {
    const writing = scenario.run(openStore()).catch(codeOf);
    await stopped.promise;
    await act(openStore());
    const between = await seen();
    others.resolve();
    return { said: await writing, between, finally: await seen() };
  });
}

/** What may come of it by the reference: the write took effect before the others acted, or after, or was refused. */
async function allowed({ before, run }: Scenario, { act }: Meanwhile): Promise<History[]> {
  const model = async (): Promise<MemoryStore> => {
    const store = new MemoryStore({ now });
    if (before !== 'absent') await store.create(id, initial(before));
    return store;
  };
  const first = await model();
  const saidFirst = await run(first);
  await act(first);
  const afterBoth = await first.load(id);

  const second = await model();
  await act(second);
  const between = await second.load(id);
  const saidSecond = await run(second);
  return [
    { said: saidFirst, between: afterBoth, finally: afterBoth },
    { said: saidSecond, between, finally: await second.load(id) },
    { said: 'STORE_UNAVAILABLE', between, finally: between },
  ];
}

describe.each(scenarios)('a process stopped in the middle of: $name', (scenario) => {
  test.each(meanwhile)('goes on after $what as if it had come before or after', async (others) => {
    await prepare(scenario, directory);
    const calls = await recordCalls(directory, () => scenario.run(openStore()));
    const histories = await allowed(scenario, others);
    for (const [k, { name, path }] of calls.entries()) {
      const history = await interrupt(scenario, k, others);
      expect(history, `stopped before call ${k}, ${name} ${path}`).toSatisfy((actual: History) =>
        histories.some((possible) => isDeepStrictEqual(actual, possible)),
      );
    }
  });
});
