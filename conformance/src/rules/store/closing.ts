import { isStoreError, requireFacet } from '@stet/core';
import { expect, expectEqual, outcomeOf, shown } from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { scaled, settlesWithin } from '../../run/waiting.ts';
import { created, draftOf, newIds, populate } from '../../samples/samples.ts';

const limitMs = 10_000;

/** Close with work under way. */
export const closingRules: readonly Rule[] = [
  {
    id: '16.7',
    level: 'MUST',
    title: 'close resolves while a listing is under way, and the listing ends or rejects with STORE_CLOSED',
    intent: 'A job that lists for minutes must not hold up a shutdown, nor take half a list for a whole one.',
    since: '0.1.0',
    requires: ['iterable'],
    async check({ store }) {
      const ids = newIds(600);
      await populate(store, ids);
      const entries = requireFacet(store, 'iterable').entries()[Symbol.asyncIterator]();
      let seen = 0;
      const first = await entries.next();
      if (!first.done) seen += 1;
      const closing = store.close();
      const listing = outcomeOf(async () => {
        for (let step = await entries.next(); !step.done; step = await entries.next()) seen += 1;
      });
      const settled = await settlesWithin(scaled(limitMs), Promise.all([closing, listing]));
      expect(settled, 'close and a listing under way to settle', () => 'they have not');
      const ending = await listing;
      if ('resolved' in ending) return expectEqual(seen, ids.length, 'the number of entries of a listing that ended');
      const { rejected } = ending;
      const isClosed = isStoreError(rejected) && rejected.code === 'STORE_CLOSED';
      expect(isClosed, 'the listing to reject with STORE_CLOSED', () => shown(rejected));
    },
  },
  {
    id: '16.8',
    level: 'MUST',
    title: 'Of many calls that close finds under way each settles, and those that resolved are done',
    intent: 'A shutdown under load must not lose what it has acknowledged.',
    since: '0.1.0',
    requires: ['durable'],
    async check({ store, open }) {
      await created(store);
      const ids = newIds(150);
      const calls = ids.map((id) => outcomeOf(() => store.create(id, draftOf({ data: `"${id}"` }))));
      const closing = store.close();
      const settled = await settlesWithin(scaled(limitMs), Promise.all([...calls, closing]));
      expect(settled, 'calls under way and close to settle', () => 'they have not');
      const again = await open();
      for (const [at, outcome] of (await Promise.all(calls)).entries()) {
        const id = ids[at] as string;
        if ('rejected' in outcome) {
          expect(isStoreError(outcome.rejected), 'a call under way to reject with a StoreError', () =>
            shown(outcome.rejected),
          );
        } else {
          expectEqual((await again.load(id))?.data, `"${id}"`, 'the data of a create that resolved');
        }
      }
    },
  },
];
