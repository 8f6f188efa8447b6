import type { SessionRecord, SessionStore, UpdateResult } from '@stet/core';
import { countUp } from '../counter.ts';
import { expect, expectEqual, expectNone, expectRecord, expectSameRecord, shown } from '../expectation.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { created, draftOf, newId, newIds } from '../samples.ts';
import type { StoreCall } from '../second-process.ts';

/** Makes the calls in this process and others in the second one, beginning at the same instant. */
async function inBothProcesses<T>(
  { settings, store, secondProcess }: RuleContext,
  ours: (store: SessionStore) => Promise<T[]>,
  theirs: readonly StoreCall[],
): Promise<readonly [T[], readonly unknown[]]> {
  const second = await secondProcess();
  // Long enough for the task to arrive, short enough to be no wait.
  const startAt = Date.now() + 20;
  const reply = second.run({ settings, startAt, work: { calls: theirs } });
  const [mine, other] = await Promise.all([beginAt(startAt, () => ours(store)), reply]);
  return [mine, other];
}

async function beginAt<T>(instant: number, work: () => Promise<T>): Promise<T> {
  await new Promise((resolve) => setTimeout(resolve, instant - Date.now()));
  return work();
}

const racesPerRule = 40;

export const concurrencyRules: readonly Rule[] = [
  {
    id: '10.1',
    level: 'MUST',
    title: 'Of concurrent updates from one base exactly one wins, and the others get the record that beat them',
    intent: 'Each of two saves of overlapping requests either stands or is told that it does not.',
    since: '0.1.0',
    async check({ store }) {
      for (let round = 0; round < 5; round += 1) {
        const { id, record } = await created(store);
        const drafts = Array.from({ length: 10 }, (_, racer) => draftOf({ data: `"racer ${racer}"` }));
        const results = await Promise.all(drafts.map((draft) => store.update(id, record, draft)));
        const winners = results.filter(({ status }) => status === 'updated');
        expectEqual(winners.length, 1, 'how many of 10 concurrent updates are updated');
        const winner = await store.load(id);
        const { data } = drafts[results.findIndex(({ status }) => status === 'updated')] ?? {};
        expectEqual(winner?.data, data, 'the data after the race');
        for (const result of results) {
          expect(result.status !== 'gone', 'no update of a live record to be gone', () => shown(result));
          if (result.status !== 'conflict') continue;
          expectSameRecord(result.current, winner as SessionRecord, 'the current of a loser');
        }
      }
    },
  },
  {
    id: '10.2',
    level: 'MUST',
    title: 'A counter that is raised by compare-and-set from many sides at once is exact',
    intent: 'No acknowledged update is ever lost.',
    since: '0.1.0',
    async check({ store }) {
      const { id } = await created(store, { data: '0' });
      await Promise.all(Array.from({ length: 8 }, () => countUp(store, id, 10)));
      expectEqual((await store.load(id))?.data, '80', 'the count after 8 times 10 increments');
    },
  },
  {
    id: '10.3',
    level: 'MUST',
    title: 'Whatever updates and touches race with a delete, the record is gone in the end',
    intent: 'A logout stands, at whatever moment of another request it comes.',
    since: '0.1.0',
    async check({ store }) {
      for (let round = 0; round < racesPerRule; round += 1) {
        const { id, record } = await created(store);
        const calls = [
          () => store.update(id, record, draftOf()),
          () => store.touch(id, record.expiresAt + 60_000),
          () => store.update(id, record, draftOf()),
        ];
        calls.splice(round % 4, 0, () => store.delete(id) as Promise<never>);
        await Promise.all(calls.map((call) => call()));
        expectNone(await store.load(id), 'load after a delete that raced with updates');
      }
    },
  },
  {
    id: '10.4',
    level: 'MUST',
    title: 'An update and a touch that race with one another both stand',
    intent: 'A touch by a request for an image must neither be lost nor fail the save of the page.',
    since: '0.1.0',
    async check({ store }) {
      for (let round = 0; round < racesPerRule; round += 1) {
        const { id, record } = await created(store);
        const later = record.expiresAt + 60_000;
        const update = (): Promise<unknown> =>
          store.update(id, record, { data: '"saved"', expiresAt: record.expiresAt });
        const touch = (): Promise<unknown> => store.touch(id, later);
        await Promise.all(round % 2 === 0 ? [update(), touch()] : [touch(), update()]);
        const loaded = await store.load(id);
        expectEqual(loaded?.data, '"saved"', 'the data after an update that raced with a touch');
        expectEqual(loaded?.expiresAt, later, 'the expiry after a touch that raced with an update');
      }
    },
  },
  {
    id: '10.5',
    level: 'MUST',
    title: 'While a record is updated, loads see one whole revision each, and never an older one than before',
    intent: 'There is no moment at which a reader sees less than a whole session, or a session from the past.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store, { data: '1'.repeat(4_000) });
      let writing = true;
      const write = async (): Promise<void> => {
        let base: SessionRecord = record;
        for (let revision = 2; revision <= 30; revision += 1) {
          const data = String(revision % 10).repeat(4_000 + revision);
          const result = await store.update(id, base, draftOf({ data }));
          if (result.status === 'updated') base = result.record;
        }
      };
      const read = async (): Promise<void> => {
        for (let newest = 1; writing; ) {
          const loaded = await store.load(id);
          const revision = loaded?.revision ?? 0;
          expect(revision >= newest, `a load to see revision ${newest} or newer`, () => shown(loaded && { revision }));
          newest = revision;
          const whole = String(revision % 10).repeat(revision === 1 ? 4_000 : 4_000 + revision);
          expect(loaded?.data === whole, `the data of revision ${revision} to be whole`, () => shown(loaded?.data));
          // A store that answers without I/O would never let the writer run.
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      await Promise.all([write().finally(() => (writing = false)), read(), read()]);
    },
  },
  {
    id: '10.6',
    level: 'MUST',
    title: 'Of creators in two processes exactly one wins each id',
    intent: 'Sites run in many processes; a lock in one of them protects nothing.',
    since: '0.1.0',
    requires: ['shared'],
    async check(context) {
      const ids = newIds(racesPerRule);
      const [ours, theirs] = await inBothProcesses(
        context,
        (store) => Promise.all(ids.map((id) => store.create(id, draftOf({ data: '"ours"' })))),
        ids.map((id) => ({ method: 'create', args: [id, draftOf({ data: '"theirs"' })] })),
      );
      for (const [race, id] of ids.entries()) {
        const wins = [ours[race], theirs[race]].filter((record) => record !== null).length;
        expectEqual(wins, 1, 'the number of winners among two processes that create one id');
        const data = ours[race] === null ? '"theirs"' : '"ours"';
        expectEqual((await context.store.load(id))?.data, data, 'the data of the winner');
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
      const bases = await Promise.all(newIds(racesPerRule).map((id) => created(store, {}, id)));
      const [ours, theirs] = await inBothProcesses(
        context,
        () => Promise.all(bases.map(({ id, record }) => store.update(id, record, draftOf({ data: '"ours"' })))),
        bases.map(({ id, record }) => ({ method: 'update', args: [id, record, draftOf({ data: '"theirs"' })] })),
      );
      for (const [race, { id }] of bases.entries()) {
        const statuses = [ours[race]?.status, (theirs[race] as UpdateResult).status];
        expectEqual(statuses.sort().join(), 'conflict,updated', 'how two updates from one base end');
        const data = ours[race]?.status === 'updated' ? '"ours"' : '"theirs"';
        expectEqual((await store.load(id))?.data, data, 'the data of the winner');
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
    async check({ store, settings, secondProcess }) {
      const { id } = await created(store, { data: '0' });
      const second = await secondProcess();
      const work = { increment: id, times: 30 };
      await Promise.all([countUp(store, id, 30), second.run({ settings, startAt: Date.now(), work })]);
      expectEqual((await store.load(id))?.data, '60', 'the count after 2 times 30 increments');
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
      const ids = newIds(racesPerRule);
      await Promise.all(ids.map((id) => created(context.store, {}, id)));
      const [ours, theirs] = await inBothProcesses(
        context,
        (store) => Promise.all(ids.map((id) => store.delete(id))),
        ids.map((id) => ({ method: 'delete', args: [id] })),
      );
      for (const race of ids.keys()) {
        expectEqual([ours[race], theirs[race]].sort().join(), 'false,true', 'how two deletes of one record end');
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
    async check({ store, settings, secondProcess }) {
      const second = await secondProcess();
      const inSecond = async (...calls: StoreCall[]): Promise<readonly unknown[]> =>
        second.run({ settings, startAt: 0, work: { calls } });
      const seenHere = newId();
      const [theirs] = await inSecond({ method: 'create', args: [seenHere, draftOf({ subject: 'user-7' })] });
      const loadedHere = await store.load(seenHere);
      expectSameRecord(loadedHere, theirs as SessionRecord, 'what was created in the second process');
      const seenThere = newId();
      const ours = await store.create(seenThere, draftOf());
      await store.update(seenThere, ours as SessionRecord, draftOf({ data: '"changed"' }));
      const [loadedThere] = await inSecond({ method: 'load', args: [seenThere] });
      expectRecord(loadedThere, { revision: 2, data: '"changed"' }, 'what the second process loads after an update');
      const deletedThere = newId();
      await store.create(deletedThere, draftOf());
      await inSecond({ method: 'delete', args: [deletedThere] });
      expectNone(await store.load(deletedThere), 'load after a delete in the second process');
    },
  },
];
