import { requireFacet, type SessionRecord } from '@stet/core';
import { expectEqual, expectSameRecord, expectStoreError, outcomeOf, shown, violated } from '../../expectation.ts';
import type { Rule, RuleContext } from '../../rule.ts';
import { reached } from '../../run/waiting.ts';
import { created, draftOf, newId, newIds } from '../../samples/samples.ts';

/** More than most backends give in one page. */
const many = 250;

type Entries = AsyncIterable<readonly [id: string, record: SessionRecord]>;

function entriesOf({ store }: RuleContext): Entries {
  return requireFacet(store, 'iterable').entries();
}

/** All ids that a listing gives, as often as it does. A listing that does not end is broken off. */
async function idsOf(entries: Entries, atEach: (seen: number) => Promise<void> = async () => {}): Promise<string[]> {
  const ids: string[] = [];
  for await (const [id] of entries) {
    ids.push(id);
    if (ids.length > 20 * many) return violated('entries() to come to an end', `it gave ${ids.length} entries`);
    await atEach(ids.length);
  }
  return ids;
}

function timesSeen(ids: readonly string[], id: string): number {
  return ids.filter((seen) => seen === id).length;
}

export const enumerationRules: readonly Rule[] = [
  {
    id: '12.1',
    level: 'MUST',
    title: 'entries() gives every live record once, with its id',
    intent: 'A job over all sessions must reach all of them, and send nobody two mails.',
    since: '0.1.0',
    requires: ['iterable'],
    async check(context) {
      const ids = newIds(many);
      await Promise.all(ids.map((id) => created(context.store, { data: `"of ${id}"` }, id)));
      const found: string[] = [];
      for await (const [id, record] of entriesOf(context)) {
        expectEqual(record?.data, `"of ${id}"`, 'the data of the entry');
        found.push(id);
      }
      expectEqual(found.length, many, 'the number of entries');
      expectEqual(found.sort().join(), ids.sort().join(), 'the ids of the entries');
    },
  },
  {
    id: '12.2',
    level: 'MUST',
    title: 'An entry’s record is the one that load gives',
    intent: 'A job changes the sessions that it finds: the record of an entry is the base of an update.',
    since: '0.1.0',
    requires: ['iterable'],
    async check(context) {
      const { id, record } = await created(context.store, { subject: 'user-7', createdAt: 12_345 });
      await context.store.update(id, record, draftOf({ subject: 'user-8' }));
      const loaded = await context.store.load(id);
      for await (const [, entry] of entriesOf(context)) {
        expectSameRecord(entry, loaded as SessionRecord, 'the record of the entry');
      }
    },
  },
  {
    id: '12.3',
    level: 'MUST',
    title: 'entries() gives no expired record',
    intent: 'A mail to a visitor about a cart that is gone is worse than none.',
    since: '0.1.0',
    requires: ['iterable'],
    waits: true,
    async check(context) {
      const expiresAt = Date.now() + context.lifeMs;
      await created(context.store, { expiresAt });
      await context.store.create(newId(), draftOf({ expiresAt: 1 }));
      await reached(expiresAt + context.capabilities.expiryGranularityMs);
      expectEqual((await idsOf(entriesOf(context))).length, 0, 'the number of entries once all have expired');
    },
  },
  {
    id: '12.4',
    level: 'MUST',
    title: 'A record that lives all through is seen exactly once, whatever comes and goes meanwhile',
    intent: 'A listing takes minutes on a busy site, and the site goes on.',
    since: '0.1.0',
    requires: ['iterable'],
    async check(context) {
      const { store } = context;
      const staying = newIds(many);
      const going = newIds(many);
      const mixed = staying.flatMap((id, index) => [id, going[index] as string]);
      await Promise.all(mixed.map((id) => created(store, {}, id)));
      const seen = await idsOf(entriesOf(context), async (count) => {
        // One that may have been seen already, and one that may not.
        const place = Math.floor(count / 4);
        for (const id of [going[place], going[many - 1 - place]]) if (id !== undefined) await store.delete(id);
        if (count <= many) await store.create(newId(), draftOf());
      });
      for (const id of staying) {
        expectEqual(timesSeen(seen, id), 1, 'how often a record that lives all through is seen');
      }
    },
  },
  {
    id: '12.5',
    level: 'MUST',
    title: 'A record that is updated or touched meanwhile is seen exactly once as well',
    intent: 'A visitor who is active while the job runs must neither be missed nor get two mails.',
    since: '0.1.0',
    requires: ['iterable'],
    async check(context) {
      const { store } = context;
      const all = await Promise.all(newIds(many).map((id) => created(store, {}, id)));
      const seen = await idsOf(entriesOf(context), async (count) => {
        const { id, record } = all[count % many] as (typeof all)[number];
        if (count > many) return;
        if (count % 2 === 0) await store.update(id, record, draftOf({ data: `"${'longer '.repeat(count)}"` }));
        else await store.touch(id, record.expiresAt + 60_000);
      });
      for (const { id } of all) {
        expectEqual(timesSeen(seen, id), 1, 'how often a record that changes meanwhile is seen');
      }
    },
  },
  {
    id: '12.6',
    level: 'MUST',
    title: 'A record that comes or goes meanwhile is seen at most once',
    intent: 'Once is unavoidable, twice is a second mail.',
    since: '0.1.0',
    requires: ['iterable'],
    async check(context) {
      const { store } = context;
      await Promise.all(newIds(50).map((id) => created(store, {}, id)));
      const seen = await idsOf(entriesOf(context), async (count) => {
        if (count > 50) return;
        const { id } = await created(store);
        await store.delete(id);
        await created(store, {}, id);
      });
      expectEqual(new Set(seen).size, seen.length, 'the number of different ids among those seen');
    },
  },
  {
    id: '12.7',
    level: 'MUST',
    title: 'After a listing that was left early the next one begins from the start',
    intent: 'Whoever has found what they looked for leaves the loop.',
    since: '0.1.0',
    requires: ['iterable'],
    async check(context) {
      await Promise.all(newIds(20).map((id) => created(context.store, {}, id)));
      for (let round = 0; round < 3; round += 1) {
        for await (const _ of entriesOf(context)) break;
      }
      expectEqual((await idsOf(entriesOf(context))).length, 20, 'the number of entries of the next listing');
    },
  },
  {
    id: '12.8',
    level: 'MUST',
    title: 'A record that cannot be read is left out of entries(), and hides no other',
    intent: 'One spoilt record must not keep a job from all the others.',
    since: '0.1.0',
    requires: ['iterable', 'faults.corrupt'],
    async check(context) {
      const ids = newIds(10);
      await Promise.all(ids.map((id) => created(context.store, {}, id)));
      const [spoilt = '', ...whole] = ids;
      await context.target.faults?.corrupt?.(context.settings, spoilt);
      const listing = await outcomeOf(() => idsOf(entriesOf(context)));
      if ('rejected' in listing) return violated('a listing with a corrupt record to end', shown(listing.rejected));
      expectEqual(listing.resolved.sort().join(), whole.sort().join(), 'the ids of the entries');
    },
  },
  {
    id: '12.9',
    level: 'MUST',
    title: 'Where the capabilities say iterable: false, entries is absent or rejects with STORE_UNSUPPORTED',
    intent: 'A listing that is empty because there is none would pass for no sessions.',
    since: '0.1.0',
    requires: ['not iterable'],
    async check({ store }) {
      const { entries } = store as { entries?: () => Entries };
      if (entries === undefined) return;
      await created(store);
      await expectStoreError(() => idsOf(entries.call(store)), ['STORE_UNSUPPORTED'], 'entries()');
    },
  },
  {
    id: '12.10',
    level: 'untested',
    title: 'Leaving the loop early releases everything that the listing held',
    intent: 'A connection that leaks per listing is missed only when there are none left.',
    since: '0.1.0',
    reason: 'cursors and connections of a driver are not visible from outside',
  },
];
