import { hash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { interceptDisk } from './disk-interception.ts';
import { patientStore } from './patient-store.ts';
import { PowerLossModel, type Remains, restore } from './power-loss-model.ts';
import {
  id,
  isUntouched,
  later,
  leftovers,
  makeStoreDirectory,
  prepare,
  recordIn,
  type Scenario,
  scenarios,
  sweepLater,
} from './scenarios.ts';

let directory: string;

beforeAll(async () => {
  directory = await makeStoreDirectory();
});
afterAll(() => rm(directory, { recursive: true }));

/** Those that a session without a subject, and one of `subject`, are kept in. */
const subject = 'user-7';
const leaves = [id, hash('sha256', subject, 'hex')].map((digits) => digits.slice(0, 2));

interface Failure {
  readonly isAcknowledged: boolean;
  readonly remains: Remains;
}

/** What may remain of a power failure before each call to the disk, and of one after the write was acknowledged. */
async function failures(scenario: Scenario): Promise<Failure[]> {
  const token = await prepare(scenario, directory);
  const model = await PowerLossModel.of(directory, leaves);
  const found = await failuresDuring(model, () => scenario.run(patientStore({ directory }), token));
  for (const remains of model.remains()) found.push({ isAcknowledged: true, remains });
  return found;
}

async function failuresDuring(model: PowerLossModel, work: () => Promise<unknown>): Promise<Failure[]> {
  const found: Failure[] = [];
  let changes = -1;
  await noting(directory, model, work, () => {
    // Calls that only read leave what there was before.
    if (model.changes === changes) return;
    changes = model.changes;
    for (const remains of model.remains()) found.push({ isAcknowledged: false, remains });
  });
  return found;
}

/** Does work that the model takes note of. */
async function noting(
  path: string,
  model: PowerLossModel,
  work: () => Promise<unknown>,
  beforeEachCall: () => void = () => {},
): Promise<void> {
  const stop = interceptDisk(path, async (call, proceed) => {
    beforeEachCall();
    const noteSuccess = model.begin(call);
    const result = await proceed();
    noteSuccess();
    return result;
  });
  await work().finally(stop);
}

interface Verdicts {
  whole: number;
  lost: number;
  torn: number;
}

async function judge(scenario: Scenario, failures: readonly Failure[]): Promise<Verdicts> {
  const verdicts = { whole: 0, lost: 0, torn: 0 };
  for (const { isAcknowledged, remains } of failures) {
    await restore(directory, remains);
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

/**
 * In two writes, as whoever meets a session for the first time: the record must not be lost with what the lease had
 * left unsynced.
 */
const leaseAndFill: Scenario = {
  name: 'lease, and filling of it',
  before: 'absent',
  async run(store) {
    const entry = await store.loadOrLease(id);
    return entry.status === 'leased' && (await store.replaceIf(id, entry.token, brought)) !== null;
  },
  isDone: (record) => record?.data === brought.data,
};

const createOfSubject: Scenario = {
  name: 'create with a subject',
  before: 'absent',
  run: (store) => store.create(id, { data: brought.data, expiresAt: later, subject }),
  isDone: (record) => record?.data === brought.data && record.subject === subject,
};

/** The content goes from one leaf to another. */
const signIn: Scenario = {
  name: 'update that brings a subject',
  before: 'live',
  async run(store) {
    const base = await store.load(id);
    return base && store.update(id, base, { data: brought.data, expiresAt: later, subject });
  },
  isDone: (record) => record?.data === brought.data && record.subject === subject,
};

const leaseAndFillOfSubject: Scenario = {
  name: 'lease, and filling of it by a record with a subject',
  before: 'absent',
  async run(store) {
    const entry = await store.loadOrLease(id);
    return entry.status === 'leased' && (await store.replaceIf(id, entry.token, { ...brought, subject })) !== null;
  },
  isDone: (record) => record?.data === brought.data,
};

const ofOneOrTwoLeaves = [...scenarios, leaseAndFill, createOfSubject, signIn, leaseAndFillOfSubject];

const brought = { data: 'new '.repeat(2_000), expiresAt: later, revision: 7, createdAt: 1 };

describe.each(ofOneOrTwoLeaves)('power that fails in the middle of: $name', (scenario) => {
  test('leaves it done or not begun, and done once it was acknowledged', async () => {
    const { whole, lost, torn } = await judge(scenario, await failures(scenario));
    expect({ lost, torn }).toEqual({ lost: 0, torn: 0 });
    expect(whole).toBeGreaterThan(2);
  });

  test("shows what 'process-crash' leaves to the operating system", async () => {
    const token = await prepare(scenario, directory);
    const model = await PowerLossModel.of(directory, leaves);
    const store = patientStore({ directory, durability: 'process-crash' });
    await noting(directory, model, () => scenario.run(store, token));
    await restore(directory, model.certain());
    expect(await verdict(scenario, true)).toBe('lost');
  });
});

test('power that fails after a sweep finds the data of the head that it brings back', async () => {
  const update = scenarios.find(({ name }) => name === 'update');
  if (!update) expect.unreachable();
  const token = await prepare(update, directory);
  const model = await PowerLossModel.of(directory, leaves);
  // The writer is stopped for good between its commit and the syncing of it.
  const stopped = Promise.withResolvers<void>();
  let isStopped = false;
  const stop = interceptDisk(directory, async (call, proceed) => {
    if (isStopped) {
      stopped.resolve();
      return new Promise(() => {});
    }
    const noteSuccess = model.begin(call);
    const result = await proceed();
    noteSuccess();
    isStopped = call.name === 'rename';
    return result;
  });
  update.run(patientStore({ directory }), token);
  await stopped.promise.finally(stop);

  const found = await failuresDuring(model, () => sweepLater(directory));
  found.push(...Array.from(model.remains(), (remains) => ({ isAcknowledged: false, remains })));
  expect(await leftovers(directory)).toEqual([]);
  expect(await judge(update, found)).toMatchObject({ lost: 0, torn: 0 });
});

describe('power that fails after the first write to a store that was not there', () => {
  let above: string;
  beforeEach(async () => {
    above = await mkdtemp(join(tmpdir(), 'stet-power-loss-'));
  });
  afterEach(() => rm(above, { recursive: true }));

  /** What is on the disk for certain once a store that is made in `path` has acknowledged a session. */
  async function certainAfterCreate(path: string, before: () => Promise<unknown>): Promise<Remains> {
    const model = await PowerLossModel.of(above);
    await noting(above, model, async () => {
      await before();
      await patientStore({ directory: path }).create(id, { data: 'kept', expiresAt: later });
    });
    return model.certain();
  }

  test.each([
    ['that made all the directories above it', async () => {}],
    [
      'after another process had made the directories and was killed',
      () => mkdir(join(above, 'made', 'by', 'the store'), { recursive: true }),
    ],
  ])('finds it, in a process %s', async (_, before) => {
    const path = join(above, 'made', 'by', 'the store');
    const remains = await certainAfterCreate(path, before);
    await rm(join(above, 'made'), { recursive: true });
    await restore(above, remains);
    expect(await readdir(above)).toEqual(['made']);
    expect(await recordIn(path)).toMatchObject({ data: 'kept' });
  });
});
