import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DiskCall, recordCalls } from './disk-interception.ts';
import { patientStore } from './patient-store.ts';
import {
  id,
  isUntouched,
  later,
  lease,
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

async function callsOf(scenario: Scenario): Promise<DiskCall[]> {
  const token = await prepare(scenario, directory);
  return recordCalls(directory, () => scenario.run(patientStore({ directory }), token));
}

async function killAt(scenario: Scenario, token: string, k: number): Promise<void> {
  const script = fileURLToPath(new URL('killed-writer.ts', import.meta.url));
  const writer = spawn(process.execPath, [script, directory, scenario.name, token, String(k)], { stdio: 'inherit' });
  expect(await once(writer, 'exit')).toEqual([null, 'SIGKILL']);
}

/** Starting a process for each call takes a busy machine a minute and more: who takes this long hangs. */
const hangs = { timeout: 600_000 };

describe.each([...scenarios, lease])('a process killed in the middle of: $name', (scenario) => {
  test('leaves the session whole, free to be written to, and nothing that a sweep does not remove', hangs, async () => {
    const calls = await callsOf(scenario);
    for (const [k, { name }] of calls.entries()) {
      const at = `killed before call ${k}, ${name}`;
      const token = await prepare(scenario, directory);
      await killAt(scenario, token, k);

      const record = await recordIn(directory);
      expect(scenario.isDone(record) || isUntouched(scenario, record), at).toBe(true);

      const store = patientStore({ directory });
      if (record) {
        const draft = { data: 'next', expiresAt: later };
        expect(await store.update(id, record, draft), at).toMatchObject({ status: 'updated' });
      } else {
        expect(await store.create(id, { data: 'next', expiresAt: later }), at).toMatchObject({ data: 'next' });
      }
      await sweepLater(directory);
      expect(await leftovers(directory), at).toEqual([]);
      expect(await store.load(id), at).toMatchObject({ data: 'next' });
    }
  });
});
