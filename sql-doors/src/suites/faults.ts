import { isDeepStrictEqual } from 'node:util';
import { isStoreError } from '@stet/core';
import type { Exchange } from '@stet/services';
import type { SqlStore } from '@stet/sql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Operation, operations, type Prepared } from '../calls/operations.ts';
import { adminOf } from '../databases/admin.ts';
import { makeFile, type OwnDatabase, startOwn, type TestDatabase } from '../databases/database.ts';
import type { Door } from '../door.ts';
import type { Fault, Scene } from '../faults/fault.ts';
import { fileFaults } from '../faults/on-files.ts';
import { serverFaults } from '../faults/on-servers.ts';
import { type FaultPage, faultTable, note } from '../faults/table.ts';

const scale = Number(process.env.CONFORMANCE_TIME_SCALE ?? 1);
const hastyMs = 300 * scale;
const patientMs = 5_000 * scale;
const graceMs = 250 * scale;
const table = 'sessions';

/** How a call ended: as it should, or with the code of an error. Whatever else it resolves to is a lie. */
async function ending(
  { call, isDone }: Prepared,
  store: SqlStore,
  what: string,
  timeoutMs: number = patientMs,
): Promise<string> {
  const startedAt = performance.now();
  const outcome = await call(store).then(
    (resolved) => (isDone(resolved) ? 'done' : `resolved to ${JSON.stringify(resolved)}`),
    (error: unknown) => (isStoreError(error) ? error.code : String(error)),
  );
  expect(outcome, what).toMatch(/^(done|STORE_\w+)$/);
  expect(performance.now() - startedAt, what).toBeLessThan(timeoutMs + graceMs);
  return outcome;
}

/** What the database holds in the end bears out how the call ended. */
async function expectBorneOut(
  witness: SqlStore,
  { id, before, after }: Prepared,
  outcome: string,
  what: string,
): Promise<void> {
  const found = await witness.load(id);
  const is = (expected: Prepared['after']): boolean =>
    isDeepStrictEqual(found && { ...found }, expected && found && { revision: found.revision, ...expected });
  const holds = outcome === 'done' ? is(after) : outcome === 'STORE_AMBIGUOUS' ? is(before) || is(after) : is(before);
  expect(holds, `${what}: ${outcome}, but ${JSON.stringify(found)} is kept`).toBe(true);
}

interface Stage<D> {
  readonly scene: Scene<D>;
  leave(): Promise<void>;
}

async function stageOn<D extends TestDatabase>(
  door: Door,
  database: D,
  { url, rootUrl }: { readonly url: string; readonly rootUrl: string },
): Promise<Stage<D>> {
  const opened = await door.open(url, { max: 1 });
  const past = await door.open(database.url);
  const admin = adminOf(rootUrl);
  const store = opened.store({ table, timeoutMs: patientMs });
  await store.createTable();
  const hasty = opened.store({ table, timeoutMs: hastyMs });
  return {
    scene: { door, database, opened, admin, store, hasty, witness: past.store({ table }), table },
    async leave() {
      await Promise.all([opened.close(), past.close(), admin.destroy()]);
      await database.stop();
    },
  };
}

async function endingUnder<D>(fault: Fault<D>, scene: Scene<D>, operation: Operation): Promise<string> {
  const prepared = await operation.prepare(scene.store);
  // Its connection is open and its settings are known.
  await scene.hasty.load(prepared.id);
  const { store = fault.lasting ? scene.hasty : scene.store, meanwhile, end } = await fault.begin(scene);
  const ended = ending(prepared, store, fault.name, fault.lasting ? hastyMs : patientMs);
  await meanwhile?.();
  const outcome = await ended.finally(end);
  await expectBorneOut(scene.witness, prepared, outcome, fault.name);
  expect(await ending(await operation.prepare(scene.store), scene.store, `after: ${fault.name}`)).toBe('done');
  return outcome;
}

async function endingsUnderCuts(
  { database: { proxy }, store, witness }: Scene<OwnDatabase>,
  operation: Operation,
): Promise<Array<readonly [fault: string, outcome: string]>> {
  // The first one may have to prepare its statements.
  for (let time = 0; time < 2; time += 1) {
    const measured = await operation.prepare(store);
    proxy.forget();
    expect(await ending(measured, store, operation.name)).toBe('done');
  }
  const length = (part: keyof Exchange): number =>
    proxy.exchanges.reduce((sum, exchange) => sum + exchange[part].length, 0);
  const cuts = [
    ...Array.from({ length: 8 }, (_, eighth) => ({ cutRequestAfter: Math.floor((length('request') * eighth) / 8) })),
    // Near its end: how long it is depends on the digits of a random revision.
    { cutRequestAfter: length('request') - 8 },
    ...Array.from({ length: length('reply') }, (_, at) => ({ cutReplyAfter: at })),
  ];
  const endings: Array<readonly [string, string]> = [];
  for (const cut of cuts) {
    const what = JSON.stringify(cut);
    const prepared = await operation.prepare(store);
    // The connection has to be there: the cut is meant for the statement.
    await store.load(prepared.id);
    await proxy.set(cut);
    const outcome = await ending(prepared, store, what);
    await proxy.set('none');
    endings.push([`The connection is cut within the ${'cutReplyAfter' in cut ? 'reply' : 'request'}`, outcome]);
    await expectBorneOut(witness, prepared, outcome, what);
  }
  return endings;
}

/** A page of documentation on how calls end under faults, which these tests make and hold. */
export interface DocumentedFaults extends FaultPage {
  /** From the test to the file. */
  readonly file: string;
}

/** Registers what becomes of each call under each fault, on each database of each door. */
export function faultSuite(doors: readonly Door[], { file, ...page }: DocumentedFaults): void {
  for (const door of doors) {
    const headingOf = (database: string): string => (doors.length > 1 ? `${door.name} on ${database}` : database);
    for (const name of door.databases) {
      if (name === 'SQLite') faultsOnFiles(door, headingOf(name));
      else faultsOnServers(door, startOwn[name], headingOf(name));
    }
  }
  it(`ends as ${file.split('/').at(-1)} says`, async () => {
    await expect(
      faultTable(
        page,
        operations.map(({ name }) => name),
      ),
    ).toMatchFileSnapshot(file);
  });
}

function faultsOnServers(door: Door, start: () => Promise<OwnDatabase>, heading: string): void {
  describe(heading, () => {
    let stage: Stage<OwnDatabase>;
    beforeAll(async () => {
      const database = await start();
      stage = await stageOn(door, database, { url: database.proxyUrl, rootUrl: database.rootUrl });
    });
    afterAll(() => stage.leave());

    describe.each(operations)('$name', (operation) => {
      it.each(serverFaults)('$name', async (fault) => {
        note(heading, fault.name, operation.name, await endingUnder(fault, stage.scene, operation));
      });

      it('cut at every byte of its reply, and at some of its request, ends as what is kept bears out', async () => {
        for (const [fault, outcome] of await endingsUnderCuts(stage.scene, operation)) {
          note(heading, fault, operation.name, outcome);
        }
      });
    });
  });
}

function faultsOnFiles(door: Door, heading: string): void {
  describe(heading, () => {
    let stage: Stage<TestDatabase>;
    beforeAll(async () => {
      const database = await makeFile();
      stage = await stageOn(door, database, { url: database.url, rootUrl: database.url });
    });
    afterAll(() => stage.leave());

    describe.each(operations)('$name', (operation) => {
      it.each(fileFaults)('$name', async (fault) => {
        note(heading, fault.name, operation.name, await endingUnder(fault, stage.scene, operation));
      });
    });
  });
}
