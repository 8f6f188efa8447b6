import {
  expect,
  expectCode,
  expectConflict,
  expectEqual,
  expectGone,
  expectNone,
  expectRecord,
  expectUpdated,
  outcomeOf,
  shown,
} from '../../expectation.ts';
import { during } from '../../fault.ts';
import type { Rule } from '../../rule.ts';
import { reached } from '../../run/waiting.ts';
import { created, draftOf, newId } from '../../samples/samples.ts';

export const deleteRules: readonly Rule[] = [
  {
    id: '5.1',
    level: 'MUST',
    title: 'delete removes the live record and resolves to true',
    intent: 'A logout is a promise to the visitor.',
    since: '0.1.0',
    async check({ store }) {
      const { id } = await created(store);
      expectEqual(await store.delete(id), true, 'what delete resolves to');
      expectNone(await store.load(id), 'load after delete');
    },
  },
  {
    id: '5.2',
    level: 'MUST',
    title: 'delete resolves to false where there is no record',
    intent: 'The caller can tell who ended the session.',
    since: '0.1.0',
    async check({ store }) {
      const { id } = await created(store);
      await store.delete(id);
      expectEqual(await store.delete(id), false, 'what the second delete resolves to');
      expectEqual(await store.delete(newId()), false, 'what delete of an unused id resolves to');
    },
  },
  {
    id: '5.3',
    level: 'MUST',
    title: 'delete resolves to false where the record has expired',
    intent: 'What reads as absent is absent here too, whether or not anybody has swept.',
    since: '0.1.0',
    waits: true,
    async check({ store, lifeMs, capabilities }) {
      const expiresAt = Date.now() + lifeMs;
      const { id } = await created(store, { expiresAt });
      await reached(expiresAt + capabilities.expiryGranularityMs);
      expectEqual(await store.delete(id), false, 'what delete of an expired record resolves to');
    },
  },
  {
    id: '5.4',
    level: 'MUST',
    title: 'An update from a record loaded before a delete is gone, and does not bring it back',
    intent: 'The save of a request that overlaps a logout is the commonest way to undo one.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      await store.delete(id);
      expectGone(await store.update(id, record, draftOf()), 'an update after delete');
      expectNone(await store.load(id), 'load after delete and update');
    },
  },
  {
    id: '5.5',
    level: 'MUST',
    title: 'touch after a delete resolves to false, and does not bring the record back',
    intent: 'Nor may the touch of a request that overlaps a logout undo it.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      await store.delete(id);
      expectEqual(await store.touch(id, record.expiresAt + 60_000), false, 'what touch after delete resolves to');
      expectNone(await store.load(id), 'load after delete and touch');
    },
  },
  {
    id: '5.6',
    level: 'MUST',
    title: 'Of concurrent deletes of one record exactly one resolves to true',
    intent: 'What has to be done once at the end of a session is then done once.',
    since: '0.1.0',
    async check({ store }) {
      for (let round = 0; round < 5; round += 1) {
        const { id } = await created(store);
        const deleted = await Promise.all(Array.from({ length: 10 }, () => store.delete(id)));
        expectEqual(deleted.filter(Boolean).length, 1, 'how many of 10 concurrent deletes are true');
      }
    },
  },
  {
    id: '5.7',
    level: 'MUST',
    title: 'create after a delete makes a new record, with nothing of the old one',
    intent: 'A new session under an old id is a new session.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store, { subject: 'user-7', createdAt: Date.now() - 500_000 });
      await store.update(id, record, draftOf({ subject: 'user-7' }));
      await store.delete(id);
      await store.create(id, draftOf({ data: '"again"' }));
      const again = await store.load(id);
      expectRecord(again, { data: '"again"' }, 'the record created after delete');
      expect(again.createdAt !== record.createdAt, 'its createdAt to be its own', () => shown(again));
      expect(again.subject !== 'user-7', 'its subject to be its own', () => shown(again));
    },
  },
  {
    id: '5.8',
    level: 'SHOULD',
    title: 'A delete whose reply was lost resolves to true, or rejects with STORE_AMBIGUOUS',
    intent: 'A store that sends its command again finds nothing left, but it was its own delete that removed it.',
    since: '0.1.0',
    requires: ['faults.loseReply'],
    async check(context) {
      const { id } = await created(context.store);
      const outcome = await during('loseReply', context, () => outcomeOf(() => context.store.delete(id)));
      if ('rejected' in outcome) return expectCode(outcome.rejected, ['STORE_AMBIGUOUS'], 'delete');
      expectEqual(outcome.resolved, true, 'what a delete that the backend has done resolves to');
    },
  },
  {
    id: '5.9',
    level: 'MUST',
    title: 'A late copy of a create does not bring back what was deleted since',
    intent: 'A driver that sends a command again after a lost connection may do so after the visitor has logged out.',
    since: '0.1.0',
    requires: ['faults.lateCopy'],
    async check({ store, target, settings }) {
      const id = newId();
      const deliver = await target.faults?.lateCopy?.(settings, () => store.create(id, draftOf()));
      await store.delete(id);
      await deliver?.();
      expectNone(await store.load(id), 'load after a late copy of the create');
    },
  },
  {
    id: '5.10',
    level: 'MUST',
    title: 'A base from before a delete is no base of a record that was created later under the same id',
    intent: 'A save that began before a logout must not overwrite the session that came after it.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store, { data: '"first"' });
      const bases = [record, expectUpdated(await store.update(id, record, draftOf()), 'the update')];
      await store.delete(id);
      let current = (await created(store, { data: '"again"' }, id)).record;
      for (let updates = 0; updates < 3; updates += 1) {
        for (const base of bases) {
          const late = await store.update(id, base, draftOf({ data: '"late"' }));
          expectConflict(late, 'an update from a base of the record before');
        }
        current = expectUpdated(await store.update(id, current, draftOf({ data: '"again"' })), 'an update of its own');
      }
      expectEqual((await store.load(id))?.data, '"again"', 'the data of the later record');
    },
  },
  {
    id: '5.11',
    level: 'MUST',
    title: 'A base from before an expiry is no base of a record that was created later under the same id',
    intent: 'A save that began before a timeout must not overwrite the session that came after it.',
    since: '0.1.0',
    waits: true,
    async check({ store, lifeMs, capabilities }) {
      const id = newId();
      const expiresAt = Date.now() + lifeMs;
      const { record } = await created(store, { expiresAt }, id);
      await reached(expiresAt + capabilities.expiryGranularityMs);
      await created(store, { data: '"again"' }, id);
      const late = await store.update(id, record, draftOf({ data: '"late"' }));
      expectConflict(late, 'an update from a base of the record that has expired');
      expectEqual((await store.load(id))?.data, '"again"', 'the data of the later record');
    },
  },
];
