import { hasFacet, requireFacet, type SessionRecord, type SessionStore } from '@stet/core';
import {
  expectConflict,
  expectEqual,
  expectGone,
  expectNone,
  expectSameRecord,
  expectUpdated,
} from '../../expectation.ts';
import type { Rule, RuleContext } from '../../rule.ts';
import { reached } from '../../run/waiting.ts';
import { created, draftOf, newId, newIds } from '../../samples/samples.ts';
import { fromBehind } from '../fronts/fronts.ts';

/** Closes the store of the rule and opens another one on its data. */
async function reopened({ store, open }: RuleContext): Promise<SessionStore> {
  await store.close();
  return open();
}

async function sessionsOf(store: SessionStore, subject: string): Promise<string> {
  const found = await requireFacet(store, 'bySubject').bySubject(subject);
  return found
    .map(([id]) => id)
    .sort()
    .join();
}

/** What a durable store has to know when it is opened again. */
export const durabilityRules: readonly Rule[] = [
  {
    id: '17.1',
    level: 'MUST',
    title: 'An updated record is there whole when the store is opened again',
    intent: 'A deployment must not take anybody’s cart back to what it was before.',
    since: '0.1.0',
    requires: ['durable'],
    async check(context) {
      const { store } = context;
      const { id, record } = await created(store, { subject: 'user-7', createdAt: Date.now() - 500_123 });
      const second = await store.update(id, record, draftOf({ data: '"second"', subject: 'user-8' }));
      const base = expectUpdated(second, 'the first update');
      expectUpdated(await store.update(id, base, draftOf({ data: '"third"' })), 'the second update');
      const before = (await store.load(id)) as SessionRecord;
      expectSameRecord(await (await reopened(context)).load(id), before, 'the record after the store was opened again');
    },
  },
  {
    id: '17.2',
    level: 'MUST',
    title: 'A touch stands when the store is opened again',
    intent: 'A deployment must not end sessions that were in use.',
    since: '0.1.0',
    requires: ['durable'],
    async check(context) {
      const { id, record } = await created(context.store);
      const expiresAt = record.expiresAt + 60_001;
      await context.store.touch(id, expiresAt);
      const again = await reopened(context);
      expectSameRecord(await again.load(id), { ...record, expiresAt }, 'the touched record');
    },
  },
  {
    id: '17.3',
    level: 'MUST',
    title: 'A deleted record stays deleted when the store is opened again',
    intent: 'A deployment must not undo a logout.',
    since: '0.1.0',
    requires: ['durable'],
    async check(context) {
      const { store } = context;
      const { id, record } = await created(store);
      const updated = expectUpdated(await store.update(id, record, draftOf()), 'the update');
      await store.delete(id);
      const again = await reopened(context);
      expectNone(await again.load(id), 'load of a record deleted before the store was opened again');
      expectGone(await again.update(id, updated, draftOf()), 'an update from a base before the delete');
      expectEqual(await again.touch(id, record.expiresAt + 60_000), false, 'what touch of it resolves to');
    },
  },
  {
    id: '17.4',
    level: 'MUST',
    title: 'A base counts as much after the store was opened again as before',
    intent: 'A request that spans a restart saves, unless somebody else has saved meanwhile.',
    since: '0.1.0',
    requires: ['durable'],
    async check(context) {
      const { id, record } = await created(context.store);
      const newest = expectUpdated(await context.store.update(id, record, draftOf()), 'the update');
      const again = await reopened(context);
      expectConflict(await again.update(id, record, draftOf()), 'an update from an old base after the restart');
      expectUpdated(await again.update(id, newest, draftOf()), 'an update from the newest base after the restart');
    },
  },
  {
    id: '17.5',
    level: 'MUST',
    title: 'bySubject() knows all sessions of a subject when the store is opened again',
    intent: 'Log out everywhere has to work after a deployment as well.',
    since: '0.1.0',
    requires: ['durable', 'bySubject'],
    async check(context) {
      const { store } = context;
      const staying = await created(store, { subject: 'user-7' });
      const moved = await created(store, { subject: 'user-7' });
      await store.update(moved.id, moved.record, draftOf({ subject: 'user-8' }));
      const deleted = await created(store, { subject: 'user-7' });
      await store.delete(deleted.id);
      const again = await reopened(context);
      expectEqual(await sessionsOf(again, 'user-7'), staying.id, 'the sessions of user-7');
      expectEqual(await sessionsOf(again, 'user-8'), moved.id, 'the sessions of user-8');
    },
  },
  {
    id: '17.6',
    level: 'MUST',
    title: 'entries() gives the same records when the store is opened again',
    intent: 'A job may be started right after a deployment.',
    since: '0.1.0',
    requires: ['durable', 'iterable'],
    async check(context) {
      const ids = newIds(20);
      await Promise.all(ids.map((id) => created(context.store, {}, id)));
      const [gone = '', ...staying] = ids;
      await context.store.delete(gone);
      const again = requireFacet(await reopened(context), 'iterable');
      const listed = (await Array.fromAsync(again.entries())).map(([id]) => id);
      expectEqual(listed.sort().join(), staying.sort().join(), 'the ids of the entries');
    },
  },
  {
    id: '17.7',
    level: 'MUST',
    title: 'deleteExpired() finds what has expired when the store is opened again, and nothing that was extended',
    intent: 'What is due is written with the record, not remembered by a process.',
    since: '0.1.0',
    requires: ['durable', 'sweepable'],
    waits: true,
    async check(context) {
      const { store, lifeMs, capabilities, inTime } = context;
      const expiresAt = Date.now() + lifeMs;
      await Promise.all(newIds(5).map((id) => created(store, { expiresAt }, id)));
      const extended = await created(store, { expiresAt });
      await store.touch(extended.id, expiresAt + 3_600_000);
      inTime(expiresAt);
      const again = await reopened(context);
      await reached(expiresAt + capabilities.expiryGranularityMs);
      expectEqual(await requireFacet(again, 'sweepable').deleteExpired(), 5, 'the number of the sweep');
      expectEqual((await again.load(extended.id))?.expiresAt, expiresAt + 3_600_000, 'the expiry of the extended one');
    },
  },
  {
    id: '17.8',
    level: 'MUST',
    title: 'No token or lease from before stands after a write that came when the store was opened again',
    intent: 'A counter of tokens that begins again revives every fill that was cancelled.',
    since: '0.1.0',
    requires: ['durable', 'leasable'],
    async check(context) {
      const { store } = context;
      const front = requireFacet(store, 'leasable');
      const { id, record } = await created(store);
      const missing = newId();
      const [hit, lease] = [await front.loadOrLease(id), await front.loadOrLease(missing)];
      const again = await reopened(context);
      await again.touch(id, record.expiresAt + 60_000);
      await again.delete(missing);
      for (const [key, result] of [
        [id, hit],
        [missing, lease],
      ] as const) {
        if (!hasFacet(again, 'leasable') || result.status === 'busy') continue;
        const late = await again.replaceIf(key, result.token, fromBehind({ data: '"late"' }));
        expectNone(late, 'replaceIf with a token from before the restart');
      }
      expectSameRecord(await again.load(id), { ...record, expiresAt: record.expiresAt + 60_000 }, 'the touched record');
      expectNone(await again.load(missing), 'load after the late fill');
    },
  },
];
