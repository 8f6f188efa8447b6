import { requireFacet, type SessionStore, type SweepOptions } from '@stet/core';
import { expectEqual, expectSameRecord, expectStoreError, outcomeOf, shown, violated } from '../../expectation.ts';
import type { Rule, RuleContext } from '../../rule.ts';
import { inBothProcesses } from '../../run/two-processes.ts';
import { reached } from '../../run/waiting.ts';
import { created, draftOf, newIds } from '../../samples/samples.ts';

const some = 20;
const dayMs = 86_400_000;

function sweep(store: SessionStore, options?: SweepOptions): Promise<number> {
  return requireFacet(store, 'sweepable').deleteExpired(options);
}

/** Leaves that many expired records in the store. */
async function expired({ store, lifeMs, capabilities }: RuleContext, count: number = some): Promise<void> {
  const expiresAt = Date.now() + lifeMs;
  await Promise.all(newIds(count).map((id) => created(store, { expiresAt }, id)));
  await reached(expiresAt + capabilities.expiryGranularityMs);
}

export const sweepingRules: readonly Rule[] = [
  {
    id: '13.1',
    level: 'MUST',
    title: 'deleteExpired() deletes all expired records and resolves to their number',
    intent: 'A table that only grows ends in a night without sleep.',
    since: '0.1.0',
    requires: ['sweepable'],
    waits: true,
    async check(context) {
      await expired(context);
      expectEqual(await sweep(context.store), some, 'the number of the first sweep');
      expectEqual(await sweep(context.store), 0, 'the number of the second sweep');
    },
  },
  {
    id: '13.2',
    level: 'MUST',
    title: 'deleteExpired() touches no live record',
    intent: 'Housekeeping logs nobody out.',
    since: '0.1.0',
    requires: ['sweepable'],
    async check({ store }) {
      const all = await Promise.all(newIds(some).map((id) => created(store, { subject: 'user-7' }, id)));
      expectEqual(await sweep(store), 0, 'the number of a sweep among live records');
      for (const { id, record } of all) expectSameRecord(await store.load(id), record, 'a live record after a sweep');
    },
  },
  {
    id: '13.3',
    level: 'MUST',
    title: 'deleteExpired() does not delete a record that was extended by touch or update',
    intent: 'A sweep that goes by an index of old expiries logs out those who stayed longest.',
    since: '0.1.0',
    requires: ['sweepable'],
    waits: true,
    async check({ store, lifeMs, capabilities, inTime }) {
      const expiresAt = Date.now() + lifeMs;
      const touched = await created(store, { expiresAt });
      const updated = await created(store, { expiresAt });
      await store.touch(touched.id, expiresAt + dayMs);
      await store.update(updated.id, updated.record, draftOf({ expiresAt: expiresAt + dayMs }));
      inTime(expiresAt);
      await reached(expiresAt + capabilities.expiryGranularityMs);
      expectEqual(await sweep(store), 0, 'the number of a sweep among extended records');
    },
  },
  {
    id: '13.4',
    level: 'MUST',
    title: 'deleteExpired({ limit }) deletes at most that many in one call',
    intent: 'A sweep that is long overdue must not lock the table for an hour.',
    since: '0.1.0',
    requires: ['sweepable'],
    waits: true,
    async check(context) {
      await expired(context, 10);
      const counts: number[] = [];
      for (let call = 0; call < 4; call += 1) counts.push(await sweep(context.store, { limit: 4 }));
      expectEqual(counts.join(), '4,4,2,0', 'the numbers of sweeps with limit 4 over 10 expired records');
    },
  },
  {
    id: '13.5',
    level: 'MUST',
    title: 'deleteExpired({ signal }) resolves to the number deleted so far when the signal ends it',
    intent: 'A shutdown in the middle of a sweep is nothing special.',
    since: '0.1.0',
    requires: ['sweepable'],
    waits: true,
    async check(context) {
      await expired(context);
      const first = await outcomeOf(() => sweep(context.store, { signal: AbortSignal.abort() }));
      if ('rejected' in first) return violated('an aborted sweep to resolve to a number', shown(first.rejected));
      const rest = await sweep(context.store, { signal: new AbortController().signal });
      expectEqual(first.resolved + rest, some, 'the numbers of an aborted and a full sweep together');
    },
  },
  {
    id: '13.6',
    level: 'SHOULD',
    title: 'deleteExpired({ signal }) deletes nothing when the signal has ended it before it began',
    intent: 'Whoever cancels in time has changed nothing.',
    since: '0.1.0',
    requires: ['sweepable'],
    waits: true,
    async check(context) {
      await expired(context);
      const outcome = await outcomeOf(() => sweep(context.store, { signal: AbortSignal.abort() }));
      if ('resolved' in outcome) expectEqual(outcome.resolved, 0, 'the number of an aborted sweep');
    },
  },
  {
    id: '13.7',
    level: 'MUST',
    title: 'Of several sweeps at once each expired record is counted by one',
    intent: 'Every process may run its own timer, without an election.',
    since: '0.1.0',
    requires: ['sweepable'],
    waits: true,
    async check(context) {
      await expired(context);
      const counts = await Promise.all(Array.from({ length: 5 }, () => sweep(context.store)));
      expectEqual(
        counts.reduce((sum, count) => sum + count, 0),
        some,
        'the sum of five concurrent sweeps',
      );
    },
  },
  {
    id: '13.8',
    level: 'MUST',
    title: 'Of sweeps in two processes each expired record is counted by one',
    intent: 'Every process may run its own timer, without an election.',
    since: '0.1.0',
    requires: ['sweepable', 'shared'],
    waits: true,
    async check(context) {
      await context.secondProcess();
      await expired(context, 5 * some);
      const { ours, theirs } = await inBothProcesses(context, { calls: [{ method: 'deleteExpired', args: [] }] });
      expectEqual(Number(ours[0]) + Number(theirs[0]), 5 * some, 'the sum of the sweeps of two processes');
    },
  },
  {
    id: '13.9',
    level: 'MUST',
    title: 'Where the capabilities say sweepable: false, deleteExpired is absent or rejects with STORE_UNSUPPORTED',
    intent: 'A sweep that does nothing would pass for one that found nothing.',
    since: '0.1.0',
    requires: ['not sweepable'],
    async check({ store }) {
      const { deleteExpired } = store as { deleteExpired?: () => Promise<number> };
      if (deleteExpired === undefined) return;
      await expectStoreError(() => deleteExpired.call(store), ['STORE_UNSUPPORTED'], 'deleteExpired()');
    },
  },
];
