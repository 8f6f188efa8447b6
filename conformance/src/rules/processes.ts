import type { SessionRecord, UpdateResult } from '@stet/core';
import { expectEqual, expectNone, expectRecord, expectSameRecord } from '../expectation.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { created, draftOf, newId, newIds } from '../samples.ts';
import { reached } from '../waiting.ts';
import { perform, type StoreCall, type Work } from '../work.ts';

/** Does work in this process and in a second one, both beginning at the same instant. */
export async function inBothProcesses(
  { settings, store, secondProcess }: RuleContext,
  ours: Work,
  theirs: Work = ours,
): Promise<readonly [ours: readonly unknown[], theirs: readonly unknown[]]> {
  const begin = await (await secondProcess()).prepare(settings, theirs);
  const startAt = Date.now() + 10;
  const there = begin(startAt);
  await reached(startAt);
  return Promise.all([perform(store, ours), there]);
}

/** Makes calls in the second process alone. */
async function inSecondProcess(
  { settings, secondProcess }: RuleContext,
  ...calls: StoreCall[]
): Promise<readonly unknown[]> {
  const begin = await (await secondProcess()).prepare(settings, { calls });
  return begin(Date.now());
}

const rounds = 3;
const racesPerRound = 20;

/** Races between processes, in the section on concurrency. */
export const processRules: readonly Rule[] = [
  {
    id: '10.6',
    level: 'MUST',
    title: 'Of creators in two processes exactly one wins each id',
    intent: 'Sites run in many processes; a lock in one of them protects nothing.',
    since: '0.1.0',
    requires: ['shared'],
    async check(context) {
      for (let round = 0; round < rounds; round += 1) {
        const ids = newIds(racesPerRound);
        const creating = (data: string): Work => ({
          calls: ids.map((id) => ({ method: 'create', args: [id, draftOf({ data })] })),
        });
        const [ours, theirs] = await inBothProcesses(context, creating('"ours"'), creating('"theirs"'));
        for (const [race, id] of ids.entries()) {
          const wins = [ours[race], theirs[race]].filter((record) => record !== null).length;
          expectEqual(wins, 1, 'the number of winners among two processes that create one id');
          const data = ours[race] === null ? '"theirs"' : '"ours"';
          expectEqual((await context.store.load(id))?.data, data, 'the data of the winner');
        }
      }
    },
  },
  {
    id: '10.7',
    level: 'MUST',
    title: 'Of updates from one base in two processes exactly one wins',
    intent: 'Sites run in many processes; a lock in one of them protects nothing.',
    since: '0.1.0',
    requires: ['shared'],
    async check(context) {
      const { store } = context;
      for (let round = 0; round < rounds; round += 1) {
        const bases = await Promise.all(newIds(racesPerRound).map((id) => created(store, {}, id)));
        const updating = (data: string): Work => ({
          calls: bases.map(({ id, record }) => ({ method: 'update', args: [id, record, draftOf({ data })] })),
        });
        const [ours, theirs] = await inBothProcesses(context, updating('"ours"'), updating('"theirs"'));
        for (const [race, { id }] of bases.entries()) {
          const statuses = [ours[race], theirs[race]].map((result) => (result as UpdateResult).status);
          const data = statuses[0] === 'updated' ? '"ours"' : '"theirs"';
          expectEqual(statuses.sort().join(), 'conflict,updated', 'how two updates from one base end');
          expectEqual((await store.load(id))?.data, data, 'the data of the winner');
        }
      }
    },
  },
  {
    id: '10.8',
    level: 'MUST',
    title: 'A counter that two processes raise by compare-and-set is exact',
    intent: 'No acknowledged update is ever lost.',
    since: '0.1.0',
    requires: ['shared'],
    async check(context) {
      const { id } = await created(context.store, { data: '0' });
      await inBothProcesses(context, { increment: id, times: 50 });
      expectEqual((await context.store.load(id))?.data, '100', 'the count after 2 times 50 increments');
    },
  },
  {
    id: '10.9',
    level: 'MUST',
    title: 'Of deletes of one record in two processes exactly one resolves to true',
    intent: 'What has to be done once at the end of a session is then done once.',
    since: '0.1.0',
    requires: ['shared'],
    async check(context) {
      for (let round = 0; round < rounds; round += 1) {
        const ids = newIds(racesPerRound);
        await Promise.all(ids.map((id) => created(context.store, {}, id)));
        const deleting: Work = { calls: ids.map((id) => ({ method: 'delete', args: [id] })) };
        const [ours, theirs] = await inBothProcesses(context, deleting);
        for (const race of ids.keys()) {
          expectEqual([ours[race], theirs[race]].sort().join(), 'false,true', 'how two deletes of one record end');
        }
      }
    },
  },
  {
    id: '10.10',
    level: 'MUST',
    title: 'After a write resolves in one process, a load in another sees it',
    intent: 'The redirect after a login is often served by another process.',
    since: '0.1.0',
    requires: ['shared'],
    async check(context) {
      const { store } = context;
      const seenHere = newId();
      const creating: StoreCall = { method: 'create', args: [seenHere, draftOf({ subject: 'user-7' })] };
      const [theirs] = await inSecondProcess(context, creating);
      expectSameRecord(await store.load(seenHere), theirs as SessionRecord, 'what the second process has created');
      const seenThere = newId();
      const ours = await created(store, {}, seenThere);
      await store.update(seenThere, ours.record, draftOf({ data: '"changed"' }));
      const [loadedThere] = await inSecondProcess(context, { method: 'load', args: [seenThere] });
      expectRecord(
        loadedThere,
        { revision: ours.record.revision + 1, data: '"changed"' },
        'what the second process loads after an update',
      );
      const deletedThere = newId();
      await store.create(deletedThere, draftOf());
      await inSecondProcess(context, { method: 'delete', args: [deletedThere] });
      expectNone(await store.load(deletedThere), 'load after a delete in the second process');
    },
  },
];
