import {
  expect,
  expectCode,
  expectEqual,
  expectNone,
  expectRecord,
  expectRevision,
  expectSameRecord,
  outcomeOf,
  shown,
  violated,
} from '../../expectation.ts';
import { during } from '../../fault.ts';
import type { Rule } from '../../rule.ts';
import { reached } from '../../run/waiting.ts';
import { created, draftOf, newId, newIds } from '../../samples/samples.ts';

/** How far apart the clocks of the kit and of a backend may be. */
const clockSkewMs = 1_000;

export const createRules: readonly Rule[] = [
  {
    id: '1.1',
    level: 'MUST',
    title: 'create inserts the draft and resolves to the record that load then gives',
    intent: 'The record that create resolves to is the base of the next update.',
    since: '0.1.0',
    async check({ store }) {
      const draft = draftOf({ data: '{"visits":1}' });
      const id = newId();
      const record = await store.create(id, draft);
      expectRecord(record, draft, 'what create resolves to');
      expectRevision(record.revision, 'the revision of what create resolves to');
      expectSameRecord(await store.load(id), record, 'what load gives after create');
    },
  },
  {
    id: '1.2',
    level: 'MUST',
    title: 'Without a creation time in the draft, createdAt is the time of the call',
    intent: 'The absolute timeout of a session is counted from it.',
    since: '0.1.0',
    async check({ store }) {
      const before = Date.now();
      const { createdAt } = (await created(store)).record;
      const after = Date.now();
      expect(
        Number.isSafeInteger(createdAt) && createdAt >= before - clockSkewMs && createdAt <= after + clockSkewMs,
        `createdAt to be a whole number between ${before} and ${after}, give or take ${clockSkewMs}`,
        () => shown(createdAt),
      );
    },
  },
  {
    id: '1.3',
    level: 'MUST',
    title: 'A creation time in the draft is carried over',
    intent: 'A session that moves to a new id keeps its age; else rotation would make it immortal.',
    since: '0.1.0',
    async check({ store }) {
      const createdAt = Date.now() - 86_400_123;
      const { id } = await created(store, { createdAt });
      expectRecord(await store.load(id), { createdAt }, 'the record');
    },
  },
  {
    id: '1.4',
    level: 'MUST',
    title: 'create resolves to null where a live record has the id, and changes nothing',
    intent: 'A second login, or a guessed id, cannot take over the session that is there.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      const second = draftOf({ data: '"intruder"', expiresAt: record.expiresAt + 60_000, subject: 'intruder' });
      expectEqual(await store.create(id, second), null, 'create with an id that is taken');
      expectSameRecord(await store.load(id), record, 'the record that was there first');
    },
  },
  {
    id: '1.5',
    level: 'MUST',
    title: 'Of concurrent creators of one id exactly one wins, and its draft is what is kept',
    intent: 'Whoever is told that the session is theirs must be right.',
    since: '0.1.0',
    async check({ store }) {
      for (let round = 0; round < 5; round += 1) {
        const id = newId();
        const drafts = Array.from({ length: 10 }, (_, racer) => draftOf({ data: `"racer ${racer}"` }));
        const records = await Promise.all(drafts.map((draft) => store.create(id, draft)));
        const winners = records.filter((record) => record !== null);
        expectEqual(winners.length, 1, 'the number of winners among 10 concurrent creators');
        const { data } = drafts[records.findIndex((record) => record !== null)] ?? {};
        expectRecord(await store.load(id), { data: String(data) }, 'the record after the race');
      }
    },
  },
  {
    id: '1.6',
    level: 'MUST',
    title: 'An expired record does not hold its id',
    intent: 'What reads as absent is absent for a creator too, whether or not anybody has swept.',
    since: '0.1.0',
    waits: true,
    async check({ store, lifeMs, capabilities }) {
      const expiresAt = Date.now() + lifeMs;
      const { id } = await created(store, { expiresAt });
      await reached(expiresAt + capabilities.expiryGranularityMs);
      const draft = draftOf({ data: '"the next one"' });
      await store.create(id, draft);
      expectRecord(await store.load(id), draft, 'the record created over an expired one');
    },
  },
  {
    id: '1.7',
    level: 'MUST',
    title: 'A subject is kept, and a draft without one makes a record without one',
    intent: 'An anonymous session must not look like somebody.',
    since: '0.1.0',
    async check({ store }) {
      const named = await created(store, { subject: 'user-7' });
      const anonymous = await created(store);
      expectEqual((await store.load(named.id))?.subject, 'user-7', 'the subject of a record with one');
      const record = await store.load(anonymous.id);
      expectEqual(record?.subject, undefined, 'the subject of a record without one');
    },
  },
  {
    id: '1.8',
    level: 'MUST',
    title: 'A draft that has expired already is inserted and gone at once',
    intent: 'A clock that jumps, or a zero in a field, must not turn into a session without an end.',
    since: '0.1.0',
    async check({ store }) {
      for (const expiresAt of [0, 1, Date.now() - 86_400_000]) {
        const id = newId();
        const record = await store.create(id, draftOf({ expiresAt }));
        expectRecord(record, { expiresAt }, `what create with expiresAt ${expiresAt} resolves to`);
        expectNone(await store.load(id), `load of a record created with expiresAt ${expiresAt}`);
      }
    },
  },
  {
    id: '1.9',
    level: 'MUST',
    title: 'A create whose reply was lost resolves to the record, or rejects with STORE_AMBIGUOUS',
    intent: 'A store that sends its command again finds its own record, and nobody else has the id.',
    since: '0.1.0',
    requires: ['faults.loseReply'],
    async check(context) {
      const id = newId();
      const outcome = await during('loseReply', context, () => outcomeOf(() => context.store.create(id, draftOf())));
      if ('rejected' in outcome) return expectCode(outcome.rejected, ['STORE_AMBIGUOUS'], 'create');
      const record = await context.store.load(id);
      if (!record) return violated('a create that the backend has done to be there', 'load resolves to null');
      expectSameRecord(outcome.resolved, record, 'what a create whose reply was lost resolves to');
    },
  },
  {
    id: '1.10',
    level: 'MUST',
    title: 'The first revision of a record is a random whole number, from 1 to below 2^48',
    intent: 'No earlier record of the id can have had it, so that a base names one state of one record for ever.',
    since: '0.1.0',
    async check({ store }) {
      const all = await Promise.all(newIds(32).map((id) => created(store, {}, id)));
      const revisions = all.map(({ record }) => record.revision);
      for (const revision of revisions) expectRevision(revision, 'the revision of a new record');
      expectEqual(new Set(revisions).size, revisions.length, 'how many of 32 first revisions are different');
      // Of random numbers all but one in 10^36 runs are further apart.
      const range = Math.max(...revisions) - Math.min(...revisions);
      expect(range > 2 ** 44, 'first revisions to be anywhere below 2^48', () => `32 of them within ${range}`);
    },
  },
];
