import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Durability, FileStore } from '../src/index.ts';
import { interceptDisk } from './disk-interception.ts';
import { PowerLossModel, type Remains, restore } from './power-loss-model.ts';
import { id, isUntouched, makeStoreDirectory, prepare, recordIn, type Scenario, scenarios } from './scenarios.ts';

let directory: string;
let branch: string;

beforeAll(async () => {
  directory = await makeStoreDirectory();
  branch = join(directory, id.slice(0, 2));
});
afterAll(() => rm(directory, { recursive: true }));

/** What may remain of a power failure before each call to the disk, and of one after the write was acknowledged. */
async function failures(
  scenario: Scenario,
  durability: Durability,
): Promise<Array<{ isAcknowledged: boolean; remains: Remains }>> {
  await prepare(scenario, directory);
  const model = await PowerLossModel.of(branch);
  const found: Array<{ isAcknowledged: boolean; remains: Remains }> = [];
  const stop = interceptDisk(directory, async (call, proceed) => {
    for (const remains of model.remains()) found.push({ isAcknowledged: false, remains });
    const result = await proceed();
    model.note(call);
    return result;
  });
  await scenario.run(new FileStore({ directory, durability })).finally(stop);
  for (const remains of model.remains()) found.push({ isAcknowledged: true, remains });
  return found;
}

interface Verdicts {
  whole: number;
  lost: number;
  torn: number;
}

async function judge(scenario: Scenario, durability: Durability): Promise<Verdicts> {
  const verdicts = { whole: 0, lost: 0, torn: 0 };
  for (const { isAcknowledged, remains } of await failures(scenario, durability)) {
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

describe.each(scenarios)('power that fails in the middle of: $name', (scenario) => {
  test('leaves it done or not begun, and done once it was acknowledged', async () => {
    const { whole, lost, torn } = await judge(scenario, 'power-loss');
    expect({ lost, torn }).toEqual({ lost: 0, torn: 0 });
    expect(whole).toBeGreaterThan(5);
  });

  test("shows what 'process-crash' leaves to the operating system", async () => {
    expect((await judge(scenario, 'process-crash')).lost).toBeGreaterThan(0);
  });
});
