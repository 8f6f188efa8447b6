import { existsSync } from 'node:fs';
import { type FileHandle, rm } from 'node:fs/promises';
import { isStoreError } from '@stet/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileStore } from '../src/index.ts';
import {
  type DiskCall,
  diskError,
  type Interceptor,
  interceptDisk,
  recordCalls,
  withCall,
} from './disk-interception.ts';
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

async function callsOf(scenario: Scenario): Promise<DiskCall[]> {
  const token = await prepare(scenario, directory);
  return recordCalls(directory, () => scenario.run(new FileStore({ directory }), token));
}

interface Outcome {
  readonly said: string;
  readonly isDone: boolean;
  readonly isUntouched: boolean;
  readonly leftovers: readonly string[];
}

/** What a write with a fault at its k-th call says, and what a later process finds. */
async function outcomeOf(scenario: Scenario, k: number, fault: Interceptor): Promise<Outcome> {
  const token = await prepare(scenario, directory);
  const store = new FileStore({ directory });
  const said = await withCall(directory, k, fault, () =>
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
    const calls = await callsOf(scenario);
    const said = new Set<string>();
    for (const [k, { name, path }] of calls.entries()) {
      const outcome = await outcomeOf(scenario, k, failing(code));
      const at = `${code} at call ${k}, ${name} ${path}`;
      expect(outcome, at).toSatisfy(isHonest);
      if (outcome.said === 'STORE_UNAVAILABLE') expect(outcome.leftovers, at).toEqual([]);
      said.add(outcome.said);
    }
    expect(said).toContain('STORE_UNAVAILABLE');
  });

  test.each(['EIO', 'ENOENT'])('told %s of a call that took effect says nothing that is wrong', async (code) => {
    const calls = await callsOf(scenario);
    for (const [k, { name, path }] of calls.entries()) {
      if (code === 'ENOENT' && !['rename', 'unlink'].includes(name)) continue;
      const outcome = await outcomeOf(scenario, k, misreported(code));
      expect(outcome, `${code} after call ${k}, ${name} ${path}`).toSatisfy(isHonest);
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
    const calls = await callsOf(scenario);
    const writes = Array.from(calls.keys()).filter((k) => calls[k]?.name === 'handle.write');
    expect(writes).not.toEqual([]);
    for (const k of writes) {
      expect(await outcomeOf(scenario, k, partial(share))).toMatchObject({ said: 'done', isDone: true });
    }
  });

  test('fails where the disk takes nothing more', async () => {
    const calls = await callsOf(scenario);
    const k = calls.findIndex(({ name }) => name === 'handle.write');
    const outcome = await outcomeOf(scenario, k, async () => ({ bytesWritten: 0 }));
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
  const creating = Array.from({ length: 8 }, () => creation.run(new FileStore({ directory }), ''));
  const results = await Promise.all(creating).finally(restore);
  expect(results.filter((record) => record !== null)).toHaveLength(1);
  expect(await leftovers(directory)).toEqual([]);
});
