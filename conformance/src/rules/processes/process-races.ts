import type { FrontResult, SessionRecord } from '@stet/core';
import { expectEqual, expectNone } from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { inBothProcesses, untilMet } from '../../run/two-processes.ts';
import type { StoreCall, Work } from '../../run/work.ts';
import { created, draftOf, newIds } from '../../samples/samples.ts';
import { fromBehind, frontOf, leased } from '../fronts/fronts.ts';

const meetings = 3;
const racesPerRound = 20;

/** Races between processes that are about other calls than create and update. */
export const processRaceRules: readonly Rule[] = [
  {
    id: '10.12',
    level: 'MUST',
    title: 'Of touches in two processes the latest expiry stands',
    intent: 'Requests of one page are served by many processes, and end in any order.',
    since: '0.1.0',
    requires: ['shared'],
    async check(context) {
      const { store } = context;
      await untilMet(meetings, async () => {
        const all = await Promise.all(newIds(racesPerRound).map((id) => created(store, {}, id)));
        const touching = (turn: 0 | 1): Work => ({
          calls: all.map(({ id, record }, at) => ({
            method: 'touch',
            args: [id, record.expiresAt + (at % 2 === turn ? 60_000 : 120_000)],
          })),
        });
        const race = await inBothProcesses(context, touching(0), touching(1));
        for (const { id, record } of all) {
          const latest = record.expiresAt + 120_000;
          expectEqual((await store.load(id))?.expiresAt, latest, 'the expiry after touches in two processes');
        }
        return race;
      });
    },
  },
  {
    id: '10.13',
    level: 'MUST',
    title: 'A delete in one process is final, whatever updates and touches in the other race with it',
    intent: 'The logout and the last click of a visitor are often served by two processes.',
    since: '0.1.0',
    requires: ['shared'],
    async check(context) {
      const { store } = context;
      await untilMet(meetings, async () => {
        const all = await Promise.all(newIds(racesPerRound).map((id) => created(store, {}, id)));
        const saving: readonly StoreCall[] = all.map(({ id, record }, at) =>
          at % 2 === 0
            ? { method: 'update', args: [id, record, draftOf({ data: '"late"' })] }
            : { method: 'touch', args: [id, record.expiresAt + 60_000] },
        );
        const deleting: readonly StoreCall[] = all.map(({ id }) => ({ method: 'delete', args: [id] }));
        const race = await inBothProcesses(context, { calls: saving }, { calls: deleting });
        for (const { id } of all) expectNone(await store.load(id), 'load after a delete in the second process');
        return race;
      });
    },
  },
  {
    id: '10.14',
    level: 'MUST',
    title: 'Of misses in two processes one gets the lease',
    intent: 'One reader fills the entry, out of all processes of a site.',
    since: '0.1.0',
    requires: ['shared', 'leasable'],
    async check(context) {
      await untilMet(meetings, async () => {
        const ids = newIds(racesPerRound);
        const race = await inBothProcesses(context, {
          calls: ids.map((id) => ({ method: 'loadOrLease', args: [id] })),
        });
        for (const at of ids.keys()) {
          const statuses = [race.ours[at], race.theirs[at]].map((result) => (result as FrontResult).status).sort();
          expectEqual(statuses.join(), 'busy,leased', 'how two misses in two processes end');
        }
        return race;
      });
    },
  },
  {
    id: '10.15',
    level: 'MUST',
    title: 'Of fills with one token in two processes exactly one is done',
    intent: 'The front must not go back to the older of two publications.',
    since: '0.1.0',
    requires: ['shared', 'leasable'],
    async check(context) {
      const front = frontOf(context.store);
      await untilMet(meetings, async () => {
        const ids = newIds(racesPerRound);
        const tokens = await Promise.all(ids.map((id) => leased(front, id)));
        const filling = (record: SessionRecord): Work => ({
          calls: ids.map((id, at) => ({ method: 'replaceIf', args: [id, tokens[at], record] })),
        });
        const [mine, other] = [fromBehind({ revision: 7 }), fromBehind({ revision: 8 })];
        const race = await inBothProcesses(context, filling(mine), filling(other));
        for (const [at, id] of ids.entries()) {
          const done = [race.ours[at], race.theirs[at]].filter((token) => token !== null).length;
          expectEqual(done, 1, 'how many of two fills with one token are done');
          const { revision } = race.ours[at] === null ? other : mine;
          expectEqual((await front.load(id))?.revision, revision, 'the revision after two fills with one token');
        }
        return race;
      });
    },
  },
];
