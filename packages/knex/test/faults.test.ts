import { isDeepStrictEqual } from 'node:util';
import { isStoreError, type SessionRecord } from '@stet/core';
import type { Exchange } from '@stet/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KnexStore } from '../src/index.ts';
import { connect } from './connect.ts';
import { makeFile, type OwnDatabase, startOwn, type TestDatabase } from './database.ts';
import type { Fault, Scene } from './faults/fault.ts';
import { fileFaults } from './faults/on-files.ts';
import { serverFaults } from './faults/on-servers.ts';
import { faultTable, note } from './faults/table.ts';
import { type Operation, operations, type Prepared } from './operations.ts';

const scale = Number(process.env.CONFORMANCE_TIME_SCALE ?? 1);
const hastyMs = 300 * scale;
const patientMs = 5_000 * scale;
const graceMs = 250 * scale;
const table = 'sessions';

/** How a call ended: as it should, or with the code of an error. Whatever else it resolves to is a lie. */
async function ending(
  { call, isDone }: Prepared,
  store: KnexStore,
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
  witness: KnexStore,
  { id, before, after }: Prepared,
  outcome: string,
  what: string,
): Promise<void> {
  const found = await witness.load(id);
  const is = (expected: SessionRecord | null): boolean =>
    isDeepStrictEqual(found && { ...found }, expected && { ...expected });
  const holds = outcome === 'done' ? is(after) : outcome === 'STORE_AMBIGUOUS' ? is(before) || is(after) : is(before);
  expect(holds, `${what}: ${outcome}, but ${JSON.stringify(found)} is kept`).toBe(true);
}

async function sceneOn<D extends TestDatabase>(database: D, url: string, rootUrl: string): Promise<Scene<D>> {
  const knex = connect(url, url.startsWith('file:') ? {} : { pool: { min: 0, max: 1 } });
  const admin = connect(rootUrl);
  const store = new KnexStore({ knex, table, timeoutMs: patientMs });
  await store.createTable();
  return { database, knex, admin, store, hasty: new KnexStore({ knex, table, timeoutMs: hastyMs }), table };
}

async function endingUnder<D>(fault: Fault<D>, scene: Scene<D>, operation: Operation): Promise<string> {
  const witness = new KnexStore({ knex: scene.admin, table });
  const prepared = await operation.prepare(scene.store);
  // Its connection is open and its settings are known.
  await scene.hasty.load(prepared.id);
  const { store = fault.lasting ? scene.hasty : scene.store, meanwhile, end } = await fault.begin(scene);
  const ended = ending(prepared, store, fault.name, fault.lasting ? hastyMs : patientMs);
  await meanwhile?.();
  const outcome = await ended.finally(end);
  await expectBorneOut(witness, prepared, outcome, fault.name);
  expect(await ending(await operation.prepare(scene.store), scene.store, `after: ${fault.name}`)).toBe('done');
  return outcome;
}

async function leave({ knex, admin, database }: Scene<TestDatabase>): Promise<void> {
  await knex.destroy();
  await admin.destroy();
  await database.stop();
}

describe.each(Object.entries(startOwn))('on %s', (name, start) => {
  let scene: Scene<OwnDatabase>;
  beforeAll(async () => {
    const database = await start();
    scene = await sceneOn(database, database.proxyUrl, database.rootUrl);
  });
  afterAll(() => leave(scene));

  describe.each(operations)('$name', (operation) => {
    it.each(serverFaults)('$name', async (fault) => {
      note(name, fault.name, operation.name, await endingUnder(fault, scene, operation));
    });

    it('cut at every byte of its reply, and at some of its request, ends as what is kept bears out', async () => {
      const { proxy } = scene.database;
      const witness = new KnexStore({ knex: scene.admin, table });
      const measured = await operation.prepare(scene.store);
      proxy.forget();
      expect(await ending(measured, scene.store, operation.name)).toBe('done');
      const length = (part: keyof Exchange): number =>
        proxy.exchanges.reduce((sum, exchange) => sum + exchange[part].length, 0);
      const cuts = [
        ...Array.from({ length: 8 }, (_, eighth) => ({
          cutRequestAfter: Math.floor((length('request') * eighth) / 8),
        })),
        { cutRequestAfter: length('request') - 1 },
        ...Array.from({ length: length('reply') }, (_, at) => ({ cutReplyAfter: at })),
      ];
      for (const cut of cuts) {
        const what = JSON.stringify(cut);
        const prepared = await operation.prepare(scene.store);
        // The connection has to be there: the cut is meant for the statement.
        await scene.store.load(prepared.id);
        await proxy.set(cut);
        const outcome = await ending(prepared, scene.store, what);
        await proxy.set('none');
        const fault = 'cutReplyAfter' in cut ? 'reply' : 'request';
        note(name, `The connection is cut within the ${fault}`, operation.name, outcome);
        await expectBorneOut(witness, prepared, outcome, what);
      }
    });
  });
});

describe('on SQLite', () => {
  let scene: Scene<TestDatabase>;
  beforeAll(async () => {
    const database = await makeFile();
    scene = await sceneOn(database, database.url, database.url);
  });
  afterAll(() => leave(scene));

  describe.each(operations)('$name', (operation) => {
    it.each(fileFaults)('$name', async (fault) => {
      note('SQLite', fault.name, operation.name, await endingUnder(fault, scene, operation));
    });
  });
});

it('ends as docs/faults-knex.md says', async () => {
  await expect(faultTable(operations.map(({ name }) => name))).toMatchFileSnapshot('../../../docs/faults-knex.md');
});
