import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Durability, FileStore } from '../src/index.ts';
import { interceptDisk } from './disk-interception.ts';
import { PowerLossModel, type Remains, restore } from './power-loss-model.ts';
import {
  age,
  id,
  isUntouched,
  later,
  leftovers,
  makeStoreDirectory,
  prepare,
  recordIn,
  type Scenario,
  scenarios,
} from './scenarios.ts';

let directory: string;
let branch: string;

beforeAll(async () => {
  directory = await makeStoreDirectory();
  branch = join(directory, id.slice(0, 2));
});
afterAll(() => rm(directory, { recursive: true }));

interface Failure {
  readonly isAcknowledged: boolean;
  readonly remains: Remains;
}

/** What may remain of a power failure before each call to the disk, and of one after the write was acknowledged. */
async function failures(scenario: Scenario, durability: Durability): Promise<Failure[]> {
  const token = await prepare(scenario, directory);
  const model = await PowerLossModel.of(branch);
  const found = await failuresDuring(model, () => scenario.run(new FileStore({ directory, durability }), token));
  for (const remains of model.remains()) found.push({ isAcknowledged: true, remains });
  return found;
}

async function failuresDuring(model: PowerLossModel, work: () => Promise<unknown>): Promise<Failure[]> {
  const found: Failure[] = [];
  const stop = interceptDisk(directory, async (call, proceed) => {
    for (const remains of model.remains()) found.push({ isAcknowledged: false, remains });
    const result = await proceed();
    model.note(call);
    return result;
  });
  await work().finally(stop);
  return found;
}

interface Verdicts {
  whole: number;
  lost: number;
  torn: number;
}

async function judge(scenario: Scenario, failures: readonly Failure[]): Promise<Verdicts> {
  const verdicts = { whole: 0, lost: 0, torn: 0 };
  for (const { isAcknowledged, remains } of failures) {
    await restore(branch, remains);
    verdicts[await verdict(scenario, isAcknowledged)] += 1;
  }
  return verdicts;
}

async function verdict(scenario: Scenario, isAcknowledged: boolean): Promise<keyof Verdicts> {
  try {
    const record = await recordIn(directory);
    if (scenario.isDone(record)) return 'whole';
    if (isUntouched(scenario, record)) return isAcknowledged ? 'lost' : 'whole';
    return 'torn';
  } catch {
    return 'torn';
  }
}

/** In two writes, as whoever meets a session for the first time: the record must not be lost with what the lease had left unsynced. */
const leaseAndFill: Scenario = {
  name: 'lease, and filling of it',
  before: 'absent',
  async run(store) {
    const entry = await store.loadOrLease(id);
    return entry.status === 'leased' && (await store.replaceIf(id, entry.token, brought)) !== null;
  },
  isDone: (record) => record?.data === brought.data,
};

const brought = { data: 'new '.repeat(2_000), expiresAt: later, revision: 7, createdAt: 1 };

describe.each([...scenarios, leaseAndFill])('power that fails in the middle of: $name', (scenario) => {
  test('leaves it done or not begun, and done once it was acknowledged', async () => {
    const { whole, lost, torn } = await judge(scenario, await failures(scenario, 'power-loss'));
    expect({ lost, torn }).toEqual({ lost: 0, torn: 0 });
    expect(whole).toBeGreaterThan(5);
  });

  test("shows what 'process-crash' leaves to the operating system", async () => {
    expect((await judge(scenario, await failures(scenario, 'process-crash'))).lost).toBeGreaterThan(0);
  });
});

test('power that fails after a sweep finds the data of the head that it brings back', async () => {
  const update = scenarios.find(({ name }) => name === 'update');
  if (!update) expect.unreachable();
  const token = await prepare(update, directory);
  const model = await PowerLossModel.of(branch);
  // The writer is stopped between its commit and the syncing of it.
  let isStopped = false;
  const stop = interceptDisk(directory, async (call, proceed) => {
    if (isStopped) return new Promise(() => {});
    const result = await proceed();
    model.note(call);
    isStopped = call.name === 'rename';
    return result;
  });
  const writing = update.run(new FileStore({ directory, timeoutMs: 100 }), token).finally(stop);
  await expect(writing).rejects.toMatchObject({ code: 'STORE_AMBIGUOUS' });

  await age(directory);
  const sweep = (): Promise<number> => new FileStore({ directory }).deleteExpired();
  const found = await failuresDuring(model, sweep);
  found.push(...Array.from(model.remains(), (remains) => ({ isAcknowledged: false, remains })));
  expect(await leftovers(directory)).toEqual([]);
  expect(await judge(update, found)).toMatchObject({ lost: 0, torn: 0 });
});
