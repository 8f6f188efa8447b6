import { requireFacet, type SessionStore } from '@stet/core';
import { expect, expectSameRecord, expectStoreError, outcomeOf, shown } from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { scaled, settlesWithin } from '../../run/waiting.ts';
import { created, draftOf, newId } from '../../samples/samples.ts';
import { fromBehind } from '../fronts/fronts.ts';

type Calls = ReadonlyArray<readonly [name: string, call: () => Promise<unknown>]>;

function facetCalls(store: SessionStore): Calls {
  const { iterable, sweepable, bySubject, leasable } = store.capabilities;
  const calls: Array<[string, () => Promise<unknown>]> = [];
  if (iterable) {
    calls.push(['entries', () => requireFacet(store, 'iterable').entries()[Symbol.asyncIterator]().next()]);
  }
  if (sweepable) calls.push(['deleteExpired', () => requireFacet(store, 'sweepable').deleteExpired()]);
  if (bySubject) calls.push(['bySubject', () => requireFacet(store, 'bySubject').bySubject('user-7')]);
  if (leasable) {
    calls.push(['loadOrLease', () => requireFacet(store, 'leasable').loadOrLease(newId())]);
    calls.push(['replaceIf', () => requireFacet(store, 'leasable').replaceIf(newId(), 'token', fromBehind())]);
  }
  return calls;
}

export const closeRules: readonly Rule[] = [
  {
    id: '16.1',
    level: 'MUST',
    title: 'close resolves, and closing twice is the same as once',
    intent: 'Shutdown code runs more than once, from more than one place.',
    since: '0.1.0',
    async check({ store }) {
      await created(store);
      for (const turn of ['first', 'second']) {
        const outcome = await outcomeOf(() => store.close());
        expect('resolved' in outcome, `the ${turn} close to resolve`, () => shown(outcome));
      }
      const both = await outcomeOf(() => Promise.all([store.close(), store.close()]));
      expect('resolved' in both, 'two concurrent closes to resolve', () => shown(both));
    },
  },
  {
    id: '16.2',
    level: 'MUST',
    title: 'After close load, create, update, touch and delete reject with STORE_CLOSED',
    intent: 'A request that comes during shutdown must not read as one without a session.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      await store.close();
      const calls: Calls = [
        ['load', () => store.load(id)],
        ['create', () => store.create(newId(), draftOf())],
        ['update', () => store.update(id, record, draftOf())],
        ['touch', () => store.touch(id, record.expiresAt + 60_000)],
        ['delete', () => store.delete(id)],
      ];
      for (const [name, call] of calls) await expectStoreError(call, ['STORE_CLOSED'], `${name} after close`);
    },
  },
  {
    id: '16.3',
    level: 'MUST',
    title: 'After close the methods of every announced facet reject with STORE_CLOSED',
    intent: 'A sweep that comes during shutdown must not read as one that found nothing.',
    since: '0.1.0',
    async check({ store }) {
      const calls = facetCalls(store);
      await store.close();
      for (const [name, call] of calls) await expectStoreError(call, ['STORE_CLOSED'], `${name} after close`);
    },
  },
  {
    id: '16.4',
    level: 'MUST',
    title: 'Calls under way when close is called settle',
    intent: 'A request that waits for ever holds up the whole shutdown.',
    since: '0.1.0',
    async check(context) {
      const timeoutMs = scaled(500);
      const store = await context.open({ timeoutMs });
      const { id, record } = await created(context.store);
      const calls = [store.load(id), store.update(id, record, draftOf()), store.create(newId(), draftOf())];
      const closing = store.close();
      const limitMs = timeoutMs + scaled(1_000);
      const isSettled = await settlesWithin(limitMs, Promise.allSettled([...calls, closing]));
      expect(isSettled, `calls under way to settle within ${limitMs} ms of close`, () => 'they have not');
    },
  },
  {
    id: '16.5',
    level: 'MUST',
    title: 'Closing one store leaves the others on the same data at work',
    intent: 'The client belongs to the application, which may use it elsewhere.',
    since: '0.1.0',
    requires: ['shared'],
    async check({ store, open }) {
      const other = await open();
      const { id, record } = await created(store);
      await store.close();
      const outcome = await outcomeOf(() => other.load(id));
      expect('resolved' in outcome, 'load of another store to work after a close', () => shown(outcome));
      expectSameRecord(outcome.resolved, record, 'what the other store loads');
    },
  },
  {
    id: '16.6',
    level: 'untested',
    title: 'The client that a store was given stays open',
    intent: 'Whoever opened it closes it.',
    since: '0.1.0',
    reason: 'the client is known to the target alone',
  },
];
