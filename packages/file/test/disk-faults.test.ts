import { existsSync } from 'node:fs';
import { type FileHandle, rm } from 'node:fs/promises';
import { isStoreError } from '@stet/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  byName,
  type CallOfName,
  diskError,
  type Interceptor,
  interceptDisk,
  recordCalls,
  withCallOfName,
} from './disk-interception.ts';
import { patientStore } from './patient-store.ts';
import {
  isUntouched,
  leftovers,
  makeStoreDirectory,
  prepare,
  recordIn,
  type Scenario,
  scenarios,
  unseenScenarios,
} from './scenarios.ts';

const codes = ['ENOSPC', 'EIO', 'EMFILE', 'EROFS', 'EPERM', 'EACCES'];

/** A call that fails without any effect. A handle is closed even so, as the kernel does it. */
function failing(code: string): Interceptor {
  return async (call, proceed) => {
    if (call.name === 'handle.close') await proceed();
    throw diskError(code, call);
  };
}

/** A call that takes effect and is reported as failed. */
function misreported(code: string): Interceptor {
  return async (call, proceed) => {
    const result = await proceed();
    if (call.name === 'open') await (result as FileHandle).close();
    throw diskError(code, call);
  };
}

/** A write of which the disk takes a part only. */
function partial(share: (bytes: number) => number): Interceptor {
  return (_call, proceed) =>
    proceed(([bytes, offset]) => [bytes, offset, share((bytes as Uint8Array).length - (offset as number))]);
}

let directory: string;

beforeAll(async () => {
  directory = await makeStoreDirectory();
});
afterAll(() => rm(directory, { recursive: true }));

async function callsOf(scenario: Scenario): Promise<CallOfName[]> {
  const token = await prepare(scenario, directory);
  return byName(await recordCalls(directory, () => scenario.run(patientStore({ directory }), token)));
}

interface Outcome {
  readonly said: string;
  readonly isDone: boolean;
  readonly isUntouched: boolean;
  readonly leftovers: readonly string[];
}

/** What a write with a fault at one of its calls says, and what a later process finds. */
async function outcomeOf(scenario: Scenario, call: CallOfName, fault: Interceptor): Promise<Outcome> {
  const token = await prepare(scenario, directory);
  const store = patientStore({ directory });
  const said = await withCallOfName(directory, call, fault, () =>
    scenario.run(store, token).then(
      () => 'done',
      (error: unknown) => (isStoreError(error) && 'syscall' in Object(error.cause) ? error.code : String(error)),
    ),
  );
  const found = await recordIn(directory).then(
    (record) => ({ isDone: scenario.isDone(record), isUntouched: isUntouched(scenario, record) }),
    () => ({ isDone: false, isUntouched: false }),
  );
  return { said, ...found, leftovers: await leftovers(directory) };
}

function isHonest({ said, isDone, isUntouched }: Outcome): boolean {
  if (said === 'done') return isDone;
  if (said === 'STORE_UNAVAILABLE') return isUntouched;
  return said === 'STORE_AMBIGUOUS' && (isDone || isUntouched);
}

describe.each([...scenarios, ...unseenScenarios])('$name', (scenario) => {
  test.each(codes)('with %s at any one call to the disk happens whole or not at all, and says which', async (code) => {
    const said = new Set<string>();
    for (const call of await callsOf(scenario)) {
      const outcome = await outcomeOf(scenario, call, failing(code));
      const at = `${code} at ${call.name} ${call.k}`;
      expect(outcome, at).toSatisfy(isHonest);
      if (outcome.said === 'STORE_UNAVAILABLE') expect(outcome.leftovers, at).toEqual([]);
      said.add(outcome.said);
    }
    expect(said).toContain('STORE_UNAVAILABLE');
  });

  test.each(['EIO', 'ENOENT'])('told %s of a call that took effect says nothing that is wrong', async (code) => {
    for (const call of await callsOf(scenario)) {
      if (code === 'ENOENT' && !['rename', 'unlink'].includes(call.name)) continue;
      const outcome = await outcomeOf(scenario, call, misreported(code));
      expect(outcome, `${code} after ${call.name} ${call.k}`).toSatisfy(isHonest);
    }
  });
});

const writing = scenarios.filter(({ name }) => name !== 'touch' && name !== 'delete');

describe.each(writing)('$name', (scenario) => {
  test.each([
    ['one byte', () => 1],
    ['half of the bytes', (bytes: number) => Math.ceil(bytes / 2)],
    ['all bytes but one', (bytes: number) => bytes - 1],
  ])('goes on where a call writes %s', async (_, share) => {
    const writes = (await callsOf(scenario)).filter(({ name }) => name === 'handle.write');
    expect(writes).not.toEqual([]);
    for (const call of writes) {
      expect(await outcomeOf(scenario, call, partial(share))).toMatchObject({ said: 'done', isDone: true });
    }
  });

  test('fails where the disk takes nothing more', async () => {
    const write = { name: 'handle.write', k: 0 };
    const outcome = await outcomeOf(scenario, write, async () => ({ bytesWritten: 0 }));
    expect(outcome).toMatchObject({ said: 'STORE_UNAVAILABLE', isUntouched: true, leftovers: [] });
  });
});

test('of many creators one wins where a directory in the way is EPERM, as on Windows', async () => {
  const [creation] = scenarios;
  if (!creation) expect.unreachable();
  await prepare(creation, directory);
  const restore = interceptDisk(directory, async (call, proceed) => {
    if (call.name === 'rename' && existsSync(String(call.args[1]))) throw diskError('EPERM', call);
    return proceed();
  });
  const creating = Array.from({ length: 8 }, () => creation.run(patientStore({ directory }), ''));
  const results = await Promise.all(creating).finally(restore);
  expect(results.filter((record) => record !== null)).toHaveLength(1);
  expect(await leftovers(directory)).toEqual([]);
});
