import { hasFacet } from '@stet/core';
import {
  expect,
  expectCode,
  expectEqual,
  expectNone,
  expectStoreError,
  expectUpdated,
  outcomeOf,
  shown,
} from '../../expectation.ts';
import { during } from '../../fault.ts';
import type { Rule } from '../../rule.ts';
import { becomesTrue, reached, scaled } from '../../run/waiting.ts';
import { created, draftOf, newId } from '../../samples/samples.ts';
import { fromBehind } from '../fronts/fronts.ts';
import { type Call, endingsOf, facetCallsOn, impatient } from './facet-failures.ts';

/** What a failure leaves behind. */
export const afterFailureRules: readonly Rule[] = [
  {
    id: '11.19',
    level: 'MUST',
    title: 'A write that was rejected does not come true later, once the backend is back',
    intent: 'A driver that queues what it could not send plays it back when everybody has moved on.',
    since: '0.1.0',
    requires: ['faults.outage'],
    async check(context) {
      const store = await impatient(context);
      const { id, record } = await created(context.store);
      const other = newId();
      const codes = await during('outage', context, async () => {
        const calls = [
          () => store.create(other, draftOf()),
          () => store.update(id, record, draftOf({ data: '"late"' })),
        ];
        const outcomes = await Promise.all(calls.map((call) => outcomeOf<unknown>(call)));
        return outcomes.map((outcome) => ('rejected' in outcome ? (outcome.rejected as { code?: string })?.code : ''));
      });
      const fresh = await context.open();
      const works = async (): Promise<boolean> => 'resolved' in (await outcomeOf(() => fresh.load(id)));
      expect(await becomesTrue(works, scaled(5_000)), 'the backend to be back', () => 'load still rejects');
      // What was queued is sent as soon as there is a connection again.
      await outcomeOf(() => store.load(id));
      await reached(Date.now() + scaled(100));
      if (codes[0] === 'STORE_UNAVAILABLE') expectNone(await fresh.load(other), 'load after a create that had failed');
      const { data } = (await fresh.load(id)) ?? {};
      if (codes[1] === 'STORE_UNAVAILABLE') expectEqual(data, record.data, 'the data after an update that had failed');
    },
  },
  {
    id: '11.20',
    level: 'MUST',
    title: 'A write whose time has run out does not undo what is written once the backend answers again',
    intent: 'A command that was held up for a minute must not bring back a session that has ended meanwhile.',
    since: '0.1.0',
    requires: ['faults.stall'],
    async check(context) {
      const store = await impatient(context);
      const { id, record } = await created(context.store);
      await during('stall', context, async () => {
        const calls = [
          () => store.update(id, record, draftOf({ data: '"late"' })),
          () => store.touch(id, record.expiresAt + 1),
        ];
        await Promise.all(calls.map((call) => outcomeOf<unknown>(call)));
      });
      const fresh = await context.open();
      const deleted = async (): Promise<boolean> => 'resolved' in (await outcomeOf(() => fresh.delete(id)));
      expect(await becomesTrue(deleted, scaled(5_000)), 'delete to work after the stall', () => 'it rejects');
      for (let turn = 0; turn < 5; turn += 1) {
        expectNone(await fresh.load(id), 'load after a delete that came after the stall');
        await reached(Date.now() + scaled(30));
      }
    },
  },
  {
    id: '11.21',
    level: 'MUST',
    title: 'A failure that the caller is told of is not an unhandled rejection as well',
    intent: 'An unhandled rejection ends the process, and with it every other visitor’s request.',
    since: '0.1.0',
    requires: ['faults.outage'],
    async check(context) {
      const { target } = context;
      const unhandled: unknown[] = [];
      const others = process.listeners('unhandledRejection');
      const listen = (reason: unknown): void => void unhandled.push(reason);
      process.removeAllListeners('unhandledRejection').on('unhandledRejection', listen);
      try {
        for (const fault of ['outage', 'stall'] as const) {
          if (!target.faults?.[fault]) continue;
          const store = await impatient(context);
          const { id, record } = await created(context.store);
          const calls: readonly Call[] = [
            ...(await facetCallsOn(store, context)),
            { name: 'load', codes: [], run: () => store.load(id) },
            { name: 'update', codes: [], run: () => store.update(id, record, draftOf()) },
            { name: 'create', codes: [], run: () => store.create(newId(), draftOf()) },
            { name: 'delete', codes: [], run: () => store.delete(id) },
          ];
          await during(fault, context, () => endingsOf(calls));
          const works = async (): Promise<boolean> => 'resolved' in (await outcomeOf(() => context.store.load(id)));
          await becomesTrue(works, scaled(5_000));
        }
        await reached(Date.now() + 20);
      } finally {
        process.off('unhandledRejection', listen);
        for (const other of others) process.on('unhandledRejection', other);
      }
      expect(unhandled.length === 0, 'no unhandled rejection', () => unhandled.map(shown).join('; '));
    },
  },
  {
    id: '11.22',
    level: 'MUST',
    title: 'A touch whose reply was lost resolves to true, or rejects with STORE_AMBIGUOUS',
    intent: 'A touch that says false ends a session that is there.',
    since: '0.1.0',
    requires: ['faults.loseReply'],
    async check(context) {
      const { store } = context;
      const { id, record } = await created(store);
      const later = record.expiresAt + 60_000;
      const outcome = await during('loseReply', context, () => outcomeOf(() => store.touch(id, later)));
      if ('rejected' in outcome) return expectCode(outcome.rejected, ['STORE_AMBIGUOUS'], 'touch');
      expectEqual(outcome.resolved, true, 'what a touch that the backend has done resolves to');
      expectEqual((await store.load(id))?.expiresAt, later, 'the expiry after the touch');
    },
  },
  {
    id: '11.23',
    level: 'MUST',
    title: 'A replaceIf whose reply was lost resolves to a token that stands, or rejects with STORE_AMBIGUOUS',
    intent: 'A fill that was done and says null leaves the tier above with an entry that it believes not to be there.',
    since: '0.1.0',
    requires: ['faults.loseReply', 'leasable'],
    async check(context) {
      const { store } = context;
      if (!hasFacet(store, 'leasable')) return;
      const { id } = await created(store);
      const hit = await store.loadOrLease(id);
      const token = hit.status === 'hit' ? hit.token : '';
      const record = fromBehind();
      const replace = (): Promise<string | null> => store.replaceIf(id, token, record);
      const outcome = await during('loseReply', context, () => outcomeOf(replace));
      if ('rejected' in outcome) return expectCode(outcome.rejected, ['STORE_AMBIGUOUS'], 'replaceIf');
      expect(outcome.resolved !== null, 'a replaceIf that was done not to say null', () => shown(outcome.resolved));
      const next = await store.replaceIf(id, outcome.resolved, { ...record, data: '"next"' });
      expect(next !== null, 'the token that it resolved to to stand', () => shown(next));
    },
  },
  {
    id: '11.24',
    level: 'MUST',
    title: 'After calls that failed the next ones succeed',
    intent: 'A lock or a connection that a failure keeps is missed only when there are none left.',
    since: '0.1.0',
    requires: ['faults.corrupt'],
    async check({ store, target, settings, capabilities }) {
      const spoilt = await created(store);
      await target.faults?.corrupt?.(settings, spoilt.id);
      const { id, record } = await created(store);
      const data = 'x'.repeat(capabilities.maxDataBytes + 1);
      for (let turn = 0; turn < 30; turn += 1) {
        await outcomeOf(() => store.load(spoilt.id));
        await outcomeOf(() => store.update(spoilt.id, spoilt.record, draftOf()));
        await outcomeOf(() => store.touch(spoilt.id, record.expiresAt + 1));
        await outcomeOf(() => store.update(id, record, draftOf({ data })));
      }
      expectUpdated(await store.update(id, record, draftOf()), 'an update after 120 failures');
      expectEqual(await store.delete(id), true, 'what delete resolves to after 120 failures');
      const again = async (): Promise<unknown> => store.delete(spoilt.id);
      const removed = await outcomeOf(again);
      expect('resolved' in removed, 'delete of a corrupt record to resolve', () => shown(removed));
      await created(store, {}, spoilt.id);
      expect((await store.load(spoilt.id)) !== null, 'a create after it to be there', () => 'it is not');
    },
  },
  {
    id: '11.25',
    level: 'MUST',
    title: 'An update over what cannot be read as a record rejects with STORE_CORRUPT_RECORD and leaves it as it is',
    intent: 'A save must neither hide the damage nor pass for one that was made.',
    since: '0.1.0',
    requires: ['faults.corrupt'],
    async check({ store, target, settings }) {
      const { id, record } = await created(store);
      await target.faults?.corrupt?.(settings, id);
      for (let turn = 0; turn < 2; turn += 1) {
        const update = (): Promise<unknown> => store.update(id, record, draftOf({ data: '"mended"' }));
        await expectStoreError(update, ['STORE_CORRUPT_RECORD'], 'an update over a corrupt record');
      }
      await expectStoreError(() => store.load(id), ['STORE_CORRUPT_RECORD'], 'load after the refused update');
    },
  },
];
