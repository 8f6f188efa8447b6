import { expectEqual, expectNone, expectSameRecord, expectUpdated } from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { reached } from '../../run/waiting.ts';
import { created, draftOf, newId } from '../../samples/samples.ts';

export const touchRules: readonly Rule[] = [
  {
    id: '4.1',
    level: 'MUST',
    title: 'touch extends a live record to the given expiry and resolves to true',
    intent: 'Reading visitors stay logged in without a rewrite of their data.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      const expiresAt = record.expiresAt + 60_001;
      expectEqual(await store.touch(id, expiresAt), true, 'what touch resolves to');
      expectEqual((await store.load(id))?.expiresAt, expiresAt, 'the expiry after touch');
    },
  },
  {
    id: '4.2',
    level: 'MUST',
    title: 'touch to an earlier or the same expiry leaves the stored one and resolves to true',
    intent: 'The slower of two requests must not shorten what the faster one gave.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      for (const expiresAt of [record.expiresAt, record.expiresAt - 60_000, 0]) {
        expectEqual(await store.touch(id, expiresAt), true, 'what touch to no later expiry resolves to');
        expectEqual((await store.load(id))?.expiresAt, record.expiresAt, 'the expiry after touch to no later one');
      }
    },
  },
  {
    id: '4.3',
    level: 'MUST',
    title: 'touch changes nothing but the expiry',
    intent: 'A new revision would make a conflict of every save under way.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store, { subject: 'user-7', createdAt: Date.now() - 5_000 });
      await store.touch(id, record.expiresAt + 60_000);
      const expiresAt = (await store.load(id))?.expiresAt ?? record.expiresAt;
      expectSameRecord(await store.load(id), { ...record, expiresAt }, 'the record after touch');
    },
  },
  {
    id: '4.4',
    level: 'MUST',
    title: 'touch of an id that never had a record resolves to false, and creates nothing',
    intent: 'Only create creates.',
    since: '0.1.0',
    async check({ store }) {
      const id = newId();
      expectEqual(await store.touch(id, Date.now() + 60_000), false, 'what touch of an unused id resolves to');
      expectNone(await store.load(id), 'load after touch of an unused id');
    },
  },
  {
    id: '4.5',
    level: 'MUST',
    title: 'touch of an expired record resolves to false, and does not bring it back',
    intent: 'A request that comes after the timeout must not undo it.',
    since: '0.1.0',
    waits: true,
    async check({ store, lifeMs, capabilities }) {
      const expiresAt = Date.now() + lifeMs;
      const { id } = await created(store, { expiresAt });
      await reached(expiresAt + capabilities.expiryGranularityMs);
      expectEqual(await store.touch(id, Date.now() + 60_000), false, 'what touch of an expired record resolves to');
      expectNone(await store.load(id), 'load after touch of an expired record');
    },
  },
  {
    id: '4.6',
    level: 'MUST',
    title: 'A record loaded before a touch is still the base of an update',
    intent: 'A touch by a request for an image must not fail the save of the page.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      await store.touch(id, record.expiresAt + 60_000);
      expectUpdated(await store.update(id, record, draftOf()), 'an update from a record loaded before a touch');
    },
  },
  {
    id: '4.7',
    level: 'MUST',
    title: 'Of concurrent touches the latest expiry stands',
    intent: 'Requests end in another order than they began.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      const expiries = [5, 9, 1, 7, 3, 8, 2, 6, 4].map((minutes) => record.expiresAt + minutes * 60_000);
      await Promise.all(expiries.map((expiresAt) => store.touch(id, expiresAt)));
      expectEqual((await store.load(id))?.expiresAt, Math.max(...expiries), 'the expiry after concurrent touches');
    },
  },
];
