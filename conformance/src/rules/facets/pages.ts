import { hasFacet, requireFacet, type SessionStore } from '@stet/core';
import { expect, expectEqual, expectStoreError, outcomeOf, shown, violated } from '../../expectation.ts';
import { during } from '../../fault.ts';
import type { Rule, RuleContext } from '../../rule.ts';
import { becomesTrue, reached, scaled } from '../../run/waiting.ts';
import { atOnce, newIds, populate } from '../../samples/samples.ts';

/** More than any backend gives at once, and more than one page of whatever size a store is likely to ask for. */
const thousands = 1_100;

async function listed(store: SessionStore): Promise<string[]> {
  const ids: string[] = [];
  for await (const [id] of requireFacet(store, 'iterable').entries()) {
    ids.push(id);
    if (ids.length > 2 * thousands) violated('entries() to come to an end', `it gave ${ids.length} entries`);
  }
  return ids;
}

function expectIds(found: readonly string[], wanted: readonly string[], what: string): void {
  expectEqual(found.length, wanted.length, `the number of ${what}`);
  const seen = new Set(found);
  expectEqual(wanted.filter((id) => !seen.has(id)).length, 0, `how many are missing from ${what}`);
}

/** Listings and sweeps that are longer than a page. */
export const listingPageRules: readonly Rule[] = [
  {
    id: '12.11',
    level: 'MUST',
    title: 'entries() gives thousands of records, and those few that are left of them',
    intent: 'A listing that ends with a page which happens to be short or empty misses all that follow.',
    since: '0.1.0',
    requires: ['iterable'],
    async check({ store }) {
      const ids = newIds(thousands).sort();
      await populate(store, ids);
      expectIds(await listed(store), ids, 'the entries');
      // What is left stands far apart, by id and by age.
      const staying = ids.filter((_, at) => at % 400 === 200);
      const going = ids.filter((_, at) => at % 400 !== 200);
      for (let at = 0; at < going.length; at += atOnce) {
        await Promise.all(going.slice(at, at + atOnce).map((id) => store.delete(id)));
      }
      expectIds(await listed(store), staying, 'the entries that are left');
    },
  },
  {
    id: '12.12',
    level: 'MUST',
    title: 'Two listings at once each give every record once',
    intent: 'Two jobs that run at the same time must not share one place in the list.',
    since: '0.1.0',
    requires: ['iterable'],
    async check({ store }) {
      const ids = newIds(300);
      await populate(store, ids);
      const facet = requireFacet(store, 'iterable');
      const listings = [facet.entries(), facet.entries()].map((entries) => entries[Symbol.asyncIterator]());
      const seen: string[][] = [[], []];
      for (let open = 2; open > 0; ) {
        open = 0;
        for (const [at, listing] of listings.entries()) {
          const step = await listing.next();
          if (step.done) continue;
          seen[at]?.push(step.value[0]);
          open += 1;
        }
        if ((seen[0]?.length ?? 0) > 2 * ids.length) violated('entries() to come to an end', 'it goes on');
      }
      for (const found of seen) expectIds(found, ids, 'the entries of one of two listings at once');
    },
  },
  {
    id: '12.13',
    level: 'MUST',
    title: 'A listing that the backend fails midway rejects with a StoreError, and never ends as if it were complete',
    intent: 'A job that has seen half of the sessions must not report that it has seen them all.',
    since: '0.1.0',
    requires: ['iterable', 'faults.outage'],
    async check(context) {
      const { store } = context;
      const ids = newIds(thousands);
      await populate(store, ids);
      const entries = requireFacet(store, 'iterable').entries()[Symbol.asyncIterator]();
      const seen: string[] = [];
      const rest = async (): Promise<void> => {
        for (let step = await entries.next(); !step.done; step = await entries.next()) seen.push(step.value[0]);
      };
      const first = await entries.next();
      if (!first.done) seen.push(first.value[0]);
      const outcome = await during('outage', context, () => outcomeOf(rest));
      // A store may have asked for all of them at once.
      if ('resolved' in outcome) return expectIds(seen, ids, 'the entries of a listing that ended during an outage');
      const rejected = async (): Promise<never> => Promise.reject(outcome.rejected);
      await expectStoreError(rejected, ['STORE_UNAVAILABLE', 'STORE_TIMEOUT'], 'a listing during an outage');
      await becomesTrue(async () => 'resolved' in (await outcomeOf(() => store.load(ids[0] as string))), scaled(5_000));
    },
  },
];

/** Leaves that many expired records in the store, which all were live once. */
async function expire({ store, lifeMs, capabilities, inTime }: RuleContext, count: number): Promise<void> {
  let expiresAt = 0;
  for (let left = count; left > 0; left -= atOnce) {
    expiresAt = Date.now() + lifeMs;
    await populate(store, newIds(Math.min(left, atOnce)), { expiresAt });
    inTime(expiresAt);
  }
  await reached(expiresAt + capabilities.expiryGranularityMs);
}

export const sweepPageRules: readonly Rule[] = [
  {
    id: '13.10',
    level: 'MUST',
    title: 'deleteExpired() without a limit deletes thousands of expired records, in one call',
    intent: 'A sweep that stops at its first batch falls behind for ever.',
    since: '0.1.0',
    requires: ['sweepable'],
    async check(context) {
      await expire(context, thousands);
      const facet = requireFacet(context.store, 'sweepable');
      expectEqual(await facet.deleteExpired(), thousands, 'the number of the sweep');
      expectEqual(await facet.deleteExpired(), 0, 'the number of the next sweep');
    },
  },
  {
    id: '13.11',
    level: 'MUST',
    title: 'deleteExpired({ limit: 0 }) deletes nothing',
    intent: 'A limit that was calculated may come to nothing, and nothing is not all.',
    since: '0.1.0',
    requires: ['sweepable'],
    waits: true,
    async check(context) {
      await expire(context, 10);
      const facet = requireFacet(context.store, 'sweepable');
      expectEqual(await facet.deleteExpired({ limit: 0 }), 0, 'the number of a sweep with limit 0');
      expectEqual(await facet.deleteExpired(), 10, 'the number of the sweep after it');
    },
  },
  {
    id: '13.12',
    level: 'MUST',
    title: 'The limit of deleteExpired() counts what was deleted, not what was looked at',
    intent: 'A few expired records among many live ones would never be reached.',
    since: '0.1.0',
    requires: ['sweepable'],
    waits: true,
    async check(context) {
      await populate(context.store, newIds(60));
      await expire(context, 6);
      const facet = requireFacet(context.store, 'sweepable');
      const counts: number[] = [];
      for (let call = 0; call < 3; call += 1) counts.push(await facet.deleteExpired({ limit: 4 }));
      expectEqual(counts.join(), '4,2,0', 'the numbers of sweeps with limit 4 over 6 expired among 60 live records');
    },
  },
  {
    id: '13.13',
    level: 'MUST',
    title: 'A sweep that its signal ends midway resolves to the number that it has deleted, and leaves the rest',
    intent: 'A shutdown in the middle of a sweep is nothing special.',
    since: '0.1.0',
    requires: ['sweepable'],
    async check(context) {
      await expire(context, thousands);
      const facet = requireFacet(context.store, 'sweepable');
      const controller = new AbortController();
      const sweep = outcomeOf(() => facet.deleteExpired({ signal: controller.signal }));
      setImmediate(() => controller.abort());
      const outcome = await sweep;
      if ('rejected' in outcome) return violated('a sweep that its signal ends to resolve', shown(outcome.rejected));
      const rest = await facet.deleteExpired();
      expectEqual(outcome.resolved + rest, thousands, 'the numbers of the sweep that was ended and of the next one');
    },
  },
];

export const subjectPageRules: readonly Rule[] = [
  {
    id: '14.9',
    level: 'MUST',
    title: 'bySubject() gives all sessions of a subject, however many they are',
    intent: 'An account that is shared, or attacked, has thousands, and log out everywhere means all of them.',
    since: '0.1.0',
    requires: ['bySubject'],
    async check({ store }) {
      const ids = newIds(thousands);
      await populate(store, ids, { subject: 'user-7' });
      await populate(store, newIds(50), { subject: 'user-8' });
      const found = hasFacet(store, 'bySubject') ? await store.bySubject('user-7') : [];
      expectIds(
        found.map(([id]) => id),
        ids,
        'the sessions of user-7',
      );
      expect(new Set(found.map(([id]) => id)).size === found.length, 'each of them once', () => 'some are there twice');
    },
  },
];
