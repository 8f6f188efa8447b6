import type { SessionRecord } from '@stet/core';
import {
  expectCode,
  expectConflict,
  expectEqual,
  expectGone,
  expectNone,
  expectRecord,
  expectSameRecord,
  expectUpdated,
  outcomeOf,
} from '../../expectation.ts';
import { during } from '../../fault.ts';
import type { Rule } from '../../rule.ts';
import { reached } from '../../run/waiting.ts';
import { created, draftOf, newId } from '../../samples/samples.ts';

export const updateRules: readonly Rule[] = [
  {
    id: '3.1',
    level: 'MUST',
    title: 'update stores the draft as the next revision and resolves to the record that load then gives',
    intent: 'A chain of saves needs no load in between.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      let base = record;
      for (let revision = record.revision + 1; revision <= record.revision + 4; revision += 1) {
        const draft = draftOf({ data: `"revision ${revision}"`, expiresAt: base.expiresAt + 1_000 });
        base = expectUpdated(await store.update(id, base, draft), 'an update of the newest revision');
        expectRecord(base, { ...draft, revision }, 'what update resolves to');
        expectSameRecord(await store.load(id), base, 'what load gives after update');
      }
    },
  },
  {
    id: '3.2',
    level: 'MUST',
    title: 'An update from a base that is no longer the newest is a conflict, and changes nothing',
    intent: 'A stale copy, of whatever age and from whatever cache, never overwrites what came after it.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      const second = expectUpdated(await store.update(id, record, draftOf({ data: '"second"' })), 'the first update');
      expectUpdated(await store.update(id, second, draftOf({ data: '"third"' })), 'the next update');
      const third = await store.load(id);
      for (const base of [record, second]) {
        const result = await store.update(id, base, draftOf({ data: '"stale"' }));
        expectConflict(result, `an update from revision ${base.revision} of a record at revision 3`);
      }
      expectSameRecord(await store.load(id), third as SessionRecord, 'the record after stale updates');
    },
  },
  {
    id: '3.3',
    level: 'MUST',
    title: 'A conflict comes with the record that won, ready to be the base of the next update',
    intent: 'Merging and trying again then costs no further load.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store, { subject: 'user-7' });
      await store.update(id, record, draftOf({ data: '"winner"', subject: 'user-8' }));
      const winner = await store.load(id);
      const result = await store.update(id, record, draftOf({ data: '"late"' }));
      if (result.status !== 'conflict') return;
      expectSameRecord(result.current, winner as SessionRecord, 'the current record of a conflict');
      expectUpdated(await store.update(id, result.current, draftOf()), 'an update from the current of a conflict');
    },
  },
  {
    id: '3.4',
    level: 'MUST',
    title: 'A base with a revision that the record has not reached is a conflict',
    intent: 'The revisions have to be equal: after a failover the store may be the one that is behind.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      const base = { ...(JSON.parse(JSON.stringify(record)) as SessionRecord), revision: record.revision + 1 };
      const result = await store.update(id, base, draftOf({ data: '"ahead"' }));
      expectConflict(result, 'an update from a revision that comes after the record’s');
      expectSameRecord(await store.load(id), record, 'the record after an update from a later revision');
    },
  },
  {
    id: '3.5',
    level: 'MUST',
    title: 'An update of an id that never had a record is gone, and creates nothing',
    intent: 'Only create creates: a save must not make a session out of a forged cookie.',
    since: '0.1.0',
    async check({ store }) {
      const id = newId();
      const { record } = await created(store);
      expectGone(await store.update(id, record, draftOf()), 'an update of an id without a record');
      expectNone(await store.load(id), 'load after an update of an id without a record');
    },
  },
  {
    id: '3.6',
    level: 'MUST',
    title: 'An update of an expired record is gone, and does not bring it back',
    intent: 'A request that began before a timeout must not undo it.',
    since: '0.1.0',
    waits: true,
    async check({ store, lifeMs, capabilities }) {
      const expiresAt = Date.now() + lifeMs;
      const { id, record } = await created(store, { expiresAt });
      await reached(expiresAt + capabilities.expiryGranularityMs);
      expectGone(await store.update(id, record, draftOf()), 'an update of an expired record');
      expectNone(await store.load(id), 'load after an update of an expired record');
    },
  },
  {
    id: '3.7',
    level: 'MUST',
    title: 'No update changes createdAt',
    intent: 'A session that could renew its own birth would outlive its absolute timeout.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store, { createdAt: Date.now() - 500_000 });
      const base = { ...record, createdAt: Date.now() };
      const result = await store.update(id, base, draftOf({ createdAt: Date.now() }));
      expectUpdated(result, 'the update');
      expectEqual((await store.load(id))?.createdAt, record.createdAt, 'createdAt after the update');
    },
  },
  {
    id: '3.8',
    level: 'MUST',
    title: 'An update replaces the data whole',
    intent: 'What the caller has removed must be gone; merging is done above the store, which knows no keys.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store, { data: '{"cart":["tea","milk","bread"],"coupon":"SPRING"}' });
      expectUpdated(await store.update(id, record, draftOf({ data: '{"x":1}' })), 'the update');
      expectEqual((await store.load(id))?.data, '{"x":1}', 'the data after the update');
    },
  },
  {
    id: '3.9',
    level: 'MUST',
    title: 'An update replaces the subject: a draft with another one changes it, one without takes it away',
    intent: 'A login and a logout inside one session both have to reach the record.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store, { subject: 'user-7' });
      const changed = expectUpdated(await store.update(id, record, draftOf({ subject: 'user-8' })), 'the first update');
      expectEqual((await store.load(id))?.subject, 'user-8', 'the subject after an update with another one');
      expectUpdated(await store.update(id, changed, draftOf()), 'the second update');
      expectEqual((await store.load(id))?.subject, undefined, 'the subject after an update without one');
    },
  },
  {
    id: '3.10',
    level: 'MUST',
    title: 'An update stores its expiry as given, be it later or earlier',
    intent: 'A session can be made shorter on purpose, at a step down of privilege say.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      let base: SessionRecord = record;
      for (const expiresAt of [record.expiresAt + 7_777, record.expiresAt - 1_800_001]) {
        base = expectUpdated(await store.update(id, base, draftOf({ expiresAt })), 'the update');
        expectEqual((await store.load(id))?.expiresAt, expiresAt, 'the expiry after an update');
      }
    },
  },
  {
    id: '3.11',
    level: 'MUST',
    title: 'A draft that repeats the expiry of its base leaves the stored one alone',
    intent: 'A save that says nothing about expiry must not take back a touch that came in between.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      const touched = record.expiresAt + 60_000;
      await store.touch(id, touched);
      const result = await store.update(id, record, draftOf({ expiresAt: record.expiresAt }));
      if (result.status !== 'updated') return;
      expectEqual((await store.load(id))?.expiresAt, touched, 'the expiry after touch and update');
    },
  },
  {
    id: '3.12',
    level: 'MUST',
    title: 'A plain copy of a record is as good a base as the record itself',
    intent: 'Records pass through caches and queues as JSON; a private hint on the object is lost there.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      const copy = JSON.parse(JSON.stringify(record)) as SessionRecord;
      const second = expectUpdated(await store.update(id, copy, draftOf()), 'an update from a JSON copy');
      expectUpdated(await store.update(id, structuredClone(second), draftOf()), 'an update from a structured clone');
    },
  },
  {
    id: '3.13',
    level: 'MUST',
    title: 'A base with the right revision wins, whatever else it remembers',
    intent: 'A hint makes a store faster; it must not decide.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      const second = expectUpdated(await store.update(id, record, draftOf()), 'the first update');
      const forged = { ...record, revision: second.revision, expiresAt: second.expiresAt };
      const third = await store.update(id, forged, draftOf());
      expectUpdated(third, 'an update from an old record object with the newest revision');
    },
  },
  {
    id: '3.14',
    level: 'MUST',
    title: 'A base with the wrong revision loses, whatever else it remembers',
    intent: 'A hint makes a store faster; it must not decide.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      const second = expectUpdated(await store.update(id, record, draftOf()), 'the first update');
      const forged = { ...second, revision: record.revision };
      expectConflict(
        await store.update(id, forged, draftOf()),
        'an update from the newest record object with an old revision',
      );
      const other = await created(store);
      expectConflict(await store.update(other.id, second, draftOf()), 'an update from the record of another id');
    },
  },
  {
    id: '3.15',
    level: 'MUST',
    title: 'An update to an expiry in the past ends the record',
    intent: 'From its expiry on a record reads as absent, however it came by it.',
    since: '0.1.0',
    async check({ store }) {
      for (const expiresAt of [0, Date.now() - 86_400_000]) {
        const { id, record } = await created(store);
        expectUpdated(await store.update(id, record, draftOf({ expiresAt })), `an update to expiresAt ${expiresAt}`);
        expectNone(await store.load(id), `load after an update to expiresAt ${expiresAt}`);
      }
    },
  },
  {
    id: '3.16',
    level: 'MUST',
    title: 'An update whose reply was lost is updated, or rejects with STORE_AMBIGUOUS: no conflict with oneself',
    intent: 'A driver that sends a command again meets its own write; a merge with it would count everything twice.',
    since: '0.1.0',
    requires: ['faults.loseReply'],
    async check(context) {
      const { store } = context;
      const { id, record } = await created(store);
      const draft = draftOf({ data: '"mine"' });
      const outcome = await during('loseReply', context, () => outcomeOf(() => store.update(id, record, draft)));
      if ('rejected' in outcome) return expectCode(outcome.rejected, ['STORE_AMBIGUOUS'], 'update');
      expectUpdated(outcome.resolved, 'an update that the backend has done');
      expectRecord(await store.load(id), { revision: record.revision + 1, data: '"mine"' }, 'the record');
    },
  },
];
