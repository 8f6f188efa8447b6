import { hasFacet, requireFacet, type SessionRecord, type SessionStore } from '@stet/core';
import {
  expectConflict,
  expectEqual,
  expectGone,
  expectRecord,
  expectSameRecord,
  expectTypeError,
  expectUpdated,
  outcomeOf,
} from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { reached } from '../../run/waiting.ts';
import { created, draftOf, newId } from '../../samples/samples.ts';

async function loaded(store: SessionStore, id: string): Promise<SessionRecord> {
  const record = await store.load(id);
  expectRecord(record, {}, 'what load gives');
  return record;
}

async function sessionsOf(store: SessionStore, subject: string): Promise<string> {
  if (!hasFacet(store, 'bySubject')) return '';
  return (await store.bySubject(subject)).map(([id]) => id).join();
}

/** What update resolves to, whatever has happened to the record before. */
export const historyRules: readonly Rule[] = [
  {
    id: '3.17',
    level: 'MUST',
    title: 'What update resolves to after touches is the record that load then gives',
    intent: 'The record is the base of the next update and the expiry of the cookie.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store, { subject: 'user-7', createdAt: 12_345 });
      let base: SessionRecord = record;
      for (const laterMs of [1, 60_000]) {
        await store.touch(id, base.expiresAt + laterMs);
        const kept = draftOf({ data: `"${laterMs}"`, expiresAt: base.expiresAt, subject: 'user-7' });
        const updated = expectUpdated(await store.update(id, base, kept), 'an update that repeats its expiry');
        expectSameRecord(updated, await loaded(store, id), 'what update resolves to after a touch');
        const given = draftOf({ expiresAt: base.expiresAt + 120_000 });
        base = expectUpdated(await store.update(id, updated, given), 'an update with an expiry of its own');
        expectSameRecord(base, await loaded(store, id), 'what the next update resolves to');
      }
    },
  },
  {
    id: '3.18',
    level: 'MUST',
    title: 'The current of a conflict is the record that load gives, also after touches',
    intent: 'Merging with something else than what is kept saves something that nobody has seen.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store, { subject: 'user-7', createdAt: 12_345 });
      await store.touch(id, record.expiresAt + 1);
      expectUpdated(await store.update(id, record, draftOf({ data: '"winner"' })), 'the update');
      await store.touch(id, record.expiresAt + 7_200_001);
      const current = expectConflict(await store.update(id, record, draftOf()), 'an update from the old base');
      expectSameRecord(current, await loaded(store, id), 'the current of the conflict');
    },
  },
  {
    id: '3.19',
    level: 'MUST',
    title: 'A conflict changes nothing anywhere: not the expiry, not the subject, and not whom the session is found by',
    intent: 'A save that lost must not leave half of itself behind.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store, { subject: 'user-7' });
      expectUpdated(await store.update(id, record, draftOf({ data: '"winner"', subject: 'user-7' })), 'the update');
      const before = await loaded(store, id);
      for (const expiresAt of [before.expiresAt + 60_000, before.expiresAt - 60_000, 0]) {
        const draft = draftOf({ data: '"stale"', subject: 'user-8', expiresAt });
        expectConflict(await store.update(id, record, draft), 'an update from an old base');
        expectSameRecord(await store.load(id), before, 'the record after a conflict');
      }
      if (!hasFacet(store, 'bySubject')) return;
      expectEqual(await sessionsOf(store, 'user-7'), id, 'the sessions of user-7 after a conflict');
      expectEqual(await sessionsOf(store, 'user-8'), '', 'the sessions of user-8 after a conflict');
    },
  },
  {
    id: '3.20',
    level: 'MUST',
    title: 'What is refused changes nothing anywhere, and holds nothing up',
    intent: 'A handler that fails must not keep the session from the next one.',
    since: '0.1.0',
    async check({ store, capabilities }) {
      const { id, record } = await created(store, { subject: 'user-7' });
      const tooLarge = draftOf({ data: 'x'.repeat(capabilities.maxDataBytes + 1), subject: 'user-8' });
      for (let turn = 0; turn < 5; turn += 1) {
        await expectTypeError(() => store.update(id, record, draftOf({ data: '\ud800', subject: 'user-8' })), 'update');
        await expectTypeError(() => store.update(id, record, draftOf({ subject: '' })), 'update with a wrong subject');
        await expectTypeError(() => store.touch(id, Number.NaN), 'touch to NaN');
        await outcomeOf(() => store.update(id, record, tooLarge));
        expectEqual(await store.create(id, draftOf({ subject: 'user-8' })), null, 'create with an id that is taken');
      }
      expectSameRecord(await store.load(id), record, 'the record after what was refused');
      if (hasFacet(store, 'bySubject')) {
        expectEqual(await sessionsOf(store, 'user-7'), id, 'the sessions of user-7 after what was refused');
        expectEqual(await sessionsOf(store, 'user-8'), '', 'the sessions of user-8 after what was refused');
      }
      expectUpdated(await store.update(id, record, draftOf()), 'an update after what was refused');
      expectEqual(await store.delete(id), true, 'what delete resolves to after what was refused');
    },
  },
  {
    id: '3.21',
    level: 'MUST',
    title: 'A record created over an expired one is a record like any other',
    intent: 'What is left of a session that has ended must not meddle with the one that came after it.',
    since: '0.1.0',
    waits: true,
    async check({ store, lifeMs, capabilities }) {
      const id = newId();
      const expiresAt = Date.now() + lifeMs;
      const old = await created(store, { expiresAt, subject: 'user-7', createdAt: 12_345 }, id);
      await reached(expiresAt + capabilities.expiryGranularityMs);
      expectGone(await store.update(id, old.record, draftOf({ subject: 'user-7' })), 'an update of the expired record');
      const draft = draftOf({ data: '"new"', subject: 'user-8' });
      const { record } = await created(store, draft, id);
      expectRecord(record, { ...draft }, 'the record created over an expired one');
      const updated = expectUpdated(
        await store.update(id, record, draftOf({ data: '"second"' })),
        'an update of its own',
      );
      expectEqual(updated.createdAt, record.createdAt, 'createdAt after the update');
      expectEqual(updated.revision, record.revision + 1, 'the revision after the update');
      expectSameRecord(await store.load(id), updated, 'the record after the update');
      if (!hasFacet(store, 'sweepable')) return;
      await requireFacet(store, 'sweepable').deleteExpired();
      expectSameRecord(await store.load(id), updated, 'the record after a sweep');
    },
  },
  {
    id: '3.22',
    level: 'MUST',
    title: 'Hundreds of updates in a row each add one to the revision',
    intent: 'A number that is kept in one byte, or as text, goes wrong at its next digit.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      let base: SessionRecord = record;
      for (let updates = 1; updates <= 260; updates += 1) {
        const result = await store.update(id, base, draftOf({ data: `"${updates}"` }));
        base = expectUpdated(result, `update number ${updates}`);
        expectEqual(base.revision, record.revision + updates, `the revision after ${updates} updates`);
      }
      expectSameRecord(await store.load(id), base, 'the record after 260 updates');
    },
  },
  {
    id: '3.23',
    level: 'MUST',
    title: 'What update resolves to tells the record’s own creation time, whatever the base says',
    intent: 'The absolute timeout is counted from it, and a base may have come out of somebody else’s hands.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store, { createdAt: 12_345 });
      const forged = { ...draftOf(), expiresAt: record.expiresAt, revision: record.revision, createdAt: Date.now() };
      const updated = expectUpdated(await store.update(id, forged, draftOf({ data: '"second"' })), 'the update');
      expectEqual(updated.createdAt, 12_345, 'createdAt of what update resolves to');
      const base = { ...forged, revision: record.revision };
      const current = expectConflict(await store.update(id, base, draftOf()), 'an update from an old base');
      expectEqual(current.createdAt, 12_345, 'createdAt of the current of a conflict');
    },
  },
];
