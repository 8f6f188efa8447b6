import type { SessionRecord } from '@stet/core';
import { expect, expectEqual, expectNone, expectSameRecord, shown } from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { countUp } from '../../run/counter.ts';
import { created, draftOf } from '../../samples/samples.ts';

/** How often two calls are let loose on one record, so that they meet in more than one way. */
const rounds = 40;

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
      for (let round = 0; round < rounds; round += 1) {
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
      for (let round = 0; round < rounds; round += 1) {
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
      const { id, record } = await created(store, { data: wholeAt(0) });
      let writing = true;
      const write = async (): Promise<void> => {
        let base: SessionRecord = record;
        const last = record.revision + 29;
        for (let revision = record.revision + 1; revision <= last; revision += 1) {
          const data = wholeAt(revision - record.revision);
          const result = await store.update(id, base, draftOf({ data }));
          if (result.status === 'updated') base = result.record;
        }
      };
      const read = async (): Promise<void> => {
        for (let newest = record.revision; writing; ) {
          const loaded = await store.load(id);
          const revision = loaded?.revision ?? 0;
          expect(revision >= newest, `a load to see revision ${newest} or newer`, () => shown(loaded && { revision }));
          newest = revision;
          const whole = wholeAt(revision - record.revision);
          expect(loaded?.data === whole, `the data of revision ${revision} to be whole`, () => shown(loaded?.data));
          // A store that answers without I/O would never let the writer run.
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      await Promise.all([write().finally(() => (writing = false)), read(), read()]);
    },
  },
];

/** Data that shows whether it is whole, and of which update it is. */
function wholeAt(updates: number): string {
  return String(updates % 10).repeat(4_000 + updates);
}
