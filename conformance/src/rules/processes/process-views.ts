import { requireFacet, type SessionRecord, type SessionStore } from '@stet/core';
import { expectEqual, expectNone, expectRecord, expectSameRecord, expectUpdated } from '../../expectation.ts';
import type { Rule, RuleContext } from '../../rule.ts';
import { inSecondProcess } from '../../run/two-processes.ts';
import { reached } from '../../run/waiting.ts';
import type { StoreCall } from '../../run/work.ts';
import { created, draftOf, newId, newIds } from '../../samples/samples.ts';

type IdAndRecord = readonly [id: string, record: SessionRecord];

function idsOf(found: unknown): string {
  return (found as readonly IdAndRecord[])
    .map(([id]) => id)
    .sort()
    .join();
}

async function listed(store: SessionStore): Promise<string> {
  return idsOf(await Array.fromAsync(requireFacet(store, 'iterable').entries()));
}

/** Creates records in the second process. */
async function createdThere(
  context: RuleContext,
  ids: readonly string[],
  over: Parameters<typeof draftOf>[0] = {},
): Promise<readonly SessionRecord[]> {
  const calls = ids.map((id): StoreCall => ({ method: 'create', args: [id, draftOf(over)] }));
  return (await inSecondProcess(context, ...calls)) as readonly SessionRecord[];
}

/** What one process knows of what another one did. */
export const processViewRules: readonly Rule[] = [
  {
    id: '10.16',
    level: 'MUST',
    title: 'That there was no record is forgotten as soon as another process has created one',
    intent: 'A process that remembers misses keeps a visitor logged out who has just logged in elsewhere.',
    since: '0.1.0',
    requires: ['shared'],
    async check(context) {
      const { store } = context;
      const [missed = '', deleted = '', touched = ''] = newIds(3);
      await created(store, {}, deleted);
      await store.delete(deleted);
      for (const id of [missed, deleted]) expectNone(await store.load(id), 'load before the create');
      expectEqual(await store.touch(touched, draftOf().expiresAt), false, 'touch before the create');
      const records = await createdThere(context, [missed, deleted, touched]);
      for (const [at, id] of [missed, deleted, touched].entries()) {
        expectSameRecord(await store.load(id), records[at] as SessionRecord, 'what the second process has created');
      }
    },
  },
  {
    id: '10.17',
    level: 'MUST',
    title: 'A record that another process has created can be updated, touched and deleted like one’s own',
    intent: 'A session belongs to the site, not to the process that began it.',
    since: '0.1.0',
    requires: ['shared'],
    async check(context) {
      const { store } = context;
      const ids = newIds(3);
      const [updated = '', touched = '', deleted = ''] = ids;
      const records = await createdThere(context, ids);
      const [base] = records as [SessionRecord, ...SessionRecord[]];
      expectUpdated(await store.update(updated, base, draftOf({ data: '"ours"' })), 'an update of their record');
      const later = base.expiresAt + 60_000;
      expectEqual(await store.touch(touched, later), true, 'a touch of their record');
      expectEqual(await store.delete(deleted), true, 'a delete of their record');
      const loads = ids.map((id): StoreCall => ({ method: 'load', args: [id] }));
      const [first, second, third] = await inSecondProcess(context, ...loads);
      expectRecord(first, { data: '"ours"', revision: base.revision + 1 }, 'what they load after our update');
      expectRecord(second, { expiresAt: later }, 'what they load after our touch');
      expectNone(third, 'what they load after our delete');
    },
  },
  {
    id: '10.18',
    level: 'MUST',
    title: 'entries() gives what other processes have created, and not what they have deleted',
    intent: 'A job over all sessions runs in a process of its own.',
    since: '0.1.0',
    requires: ['shared', 'iterable'],
    async check(context) {
      const ids = newIds(20);
      const [deleted = '', ...staying] = ids;
      await createdThere(context, ids);
      expectEqual(await listed(context.store), ids.toSorted().join(), 'the entries after creates elsewhere');
      await inSecondProcess(context, { method: 'delete', args: [deleted] });
      expectEqual(await listed(context.store), staying.toSorted().join(), 'the entries after a delete elsewhere');
      const mine = await created(context.store);
      const [theirs] = await inSecondProcess(context, { method: 'entries', args: [] });
      expectEqual(idsOf(theirs), [...staying, mine.id].sort().join(), 'the entries in the second process');
    },
  },
  {
    id: '10.19',
    level: 'MUST',
    title: 'bySubject() finds what other processes have created, changed and deleted',
    intent: 'Log out everywhere is asked for in one process, and means all of them.',
    since: '0.1.0',
    requires: ['shared', 'bySubject'],
    async check(context) {
      const facet = requireFacet(context.store, 'bySubject');
      const ids = newIds(3);
      const [moved = '', deleted = '', staying = ''] = ids;
      const [base] = await createdThere(context, ids, { subject: 'user-7' });
      expectEqual(idsOf(await facet.bySubject('user-7')), ids.toSorted().join(), 'the sessions created elsewhere');
      await inSecondProcess(
        context,
        { method: 'update', args: [moved, base, draftOf({ subject: 'user-8' })] },
        { method: 'delete', args: [deleted] },
      );
      expectEqual(idsOf(await facet.bySubject('user-7')), staying, 'the sessions that were left alone elsewhere');
      expectEqual(idsOf(await facet.bySubject('user-8')), moved, 'the session that has changed hands elsewhere');
    },
  },
  {
    id: '10.20',
    level: 'MUST',
    title: 'deleteExpired() deletes what other processes have created, and leaves what they have extended',
    intent: 'One process sweeps for all.',
    since: '0.1.0',
    requires: ['shared', 'sweepable'],
    waits: true,
    async check(context) {
      const { store, lifeMs, capabilities, inTime } = context;
      const expiresAt = Date.now() + lifeMs;
      const extended = await created(store, { expiresAt });
      const creates = newIds(10).map((id): StoreCall => ({ method: 'create', args: [id, draftOf({ expiresAt })] }));
      const touch: StoreCall = { method: 'touch', args: [extended.id, expiresAt + 3_600_000] };
      await inSecondProcess(context, ...creates, touch);
      inTime(expiresAt);
      await reached(expiresAt + capabilities.expiryGranularityMs);
      expectEqual(await requireFacet(store, 'sweepable').deleteExpired(), 10, 'the number of records swept');
      expectRecord(
        await store.load(extended.id),
        { expiresAt: expiresAt + 3_600_000 },
        'the record extended elsewhere',
      );
    },
  },
  {
    id: '10.21',
    level: 'MUST',
    title: 'A write in another process cancels the lease or the token that this one holds',
    intent: 'A reader that has read before a logout must not fill the entry after it, whoever served the logout.',
    since: '0.1.0',
    requires: ['shared', 'leasable'],
    async check(context) {
      const front = requireFacet(context.store, 'leasable');
      const fresh = newId();
      const lease = await front.loadOrLease(fresh);
      const { id, record } = await created(context.store);
      const hit = await front.loadOrLease(id);
      if (lease.status !== 'leased' || hit.status !== 'hit') return;
      await inSecondProcess(
        context,
        { method: 'delete', args: [fresh] },
        { method: 'touch', args: [id, record.expiresAt + 60_000] },
      );
      expectNone(await front.replaceIf(fresh, lease.token, record), 'replaceIf with a lease cancelled elsewhere');
      expectNone(await front.replaceIf(id, hit.token, record), 'replaceIf with a token cancelled elsewhere');
      expectEqual((await front.load(id))?.expiresAt, record.expiresAt + 60_000, 'the expiry after the touch elsewhere');
    },
  },
];
