import type { SessionRecord, UpdateResult } from '@stet/core';
import { expectEqual, expectNone, expectRecord, expectSameRecord } from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { inBothProcesses, inSecondProcess, untilMet } from '../../run/two-processes.ts';
import type { StoreCall, Work } from '../../run/work.ts';
import { created, draftOf, newId, newIds } from '../../samples/samples.ts';

const meetings = 3;
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
      await untilMet(meetings, async () => {
        const ids = newIds(racesPerRound);
        const creating = (data: string): Work => ({
          calls: ids.map((id) => ({ method: 'create', args: [id, draftOf({ data })] })),
        });
        const race = await inBothProcesses(context, creating('"ours"'), creating('"theirs"'));
        const { ours, theirs } = race;
        for (const [at, id] of ids.entries()) {
          const wins = [ours[at], theirs[at]].filter((record) => record !== null).length;
          expectEqual(wins, 1, 'the number of winners among two processes that create one id');
          const data = ours[at] === null ? '"theirs"' : '"ours"';
          expectEqual((await context.store.load(id))?.data, data, 'the data of the winner');
        }
        return race;
      });
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
      await untilMet(meetings, async () => {
        const bases = await Promise.all(newIds(racesPerRound).map((id) => created(store, {}, id)));
        const updating = (data: string): Work => ({
          calls: bases.map(({ id, record }) => ({ method: 'update', args: [id, record, draftOf({ data })] })),
        });
        const race = await inBothProcesses(context, updating('"ours"'), updating('"theirs"'));
        const { ours, theirs } = race;
        for (const [at, { id }] of bases.entries()) {
          const statuses = [ours[at], theirs[at]].map((result) => (result as UpdateResult).status);
          const data = statuses[0] === 'updated' ? '"ours"' : '"theirs"';
          expectEqual(statuses.sort().join(), 'conflict,updated', 'how two updates from one base end');
          expectEqual((await store.load(id))?.data, data, 'the data of the winner');
        }
        return race;
      });
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
      await untilMet(1, async () => {
        const { id } = await created(context.store, { data: '0' });
        const race = await inBothProcesses(context, { increment: id, times: 50 });
        expectEqual((await context.store.load(id))?.data, '100', 'the count after 2 times 50 increments');
        return race;
      });
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
      await untilMet(meetings, async () => {
        const ids = newIds(racesPerRound);
        await Promise.all(ids.map((id) => created(context.store, {}, id)));
        const deleting: Work = { calls: ids.map((id) => ({ method: 'delete', args: [id] })) };
        const race = await inBothProcesses(context, deleting);
        const { ours, theirs } = race;
        for (const at of ids.keys()) {
          expectEqual([ours[at], theirs[at]].sort().join(), 'false,true', 'how two deletes of one record end');
        }
        return race;
      });
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
