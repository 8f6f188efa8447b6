import type { SessionStore } from '@stet/core';
import { expect, expectEqual, expectNone, expectRecord, expectSameRecord, expectUpdated } from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { becomesTrue, reached } from '../../run/waiting.ts';
import { created, draftOf } from '../../samples/samples.ts';

const dayMs = 86_400_000;

/** Creates a record and watches that it is there until its expiry. */
async function expectLife(store: SessionStore, lifeMs: number): Promise<void> {
  const expiresAt = Date.now() + lifeMs;
  const { id } = await created(store, { expiresAt });
  await becomesTrue(async () => {
    const loaded = await store.load(id);
    const now = Date.now();
    expect(Boolean(loaded) || now >= expiresAt, 'a record to be there until its expiry', () => {
      return `it was gone ${expiresAt - now} ms early`;
    });
    return now >= expiresAt;
  }, lifeMs);
}

export const expiryRules: readonly Rule[] = [
  {
    id: '6.1',
    level: 'MUST',
    title: 'A record never ends before its expiry, not even one that lives for less than a second',
    intent: 'Rounding down logs people out in the middle of a payment.',
    since: '0.1.0',
    waits: true,
    async check({ store, lifeMs }) {
      // Several, one after the other: a busy machine may not look at one of them near its end.
      const lives = [0, 40, 80, 120, 160].map((laterMs) => lifeMs + laterMs);
      await Promise.all(lives.map((oneMs) => expectLife(store, oneMs)));
    },
  },
  {
    id: '6.2',
    level: 'MUST',
    title: 'A record has ended at the latest expiryGranularityMs after its expiry',
    intent: 'How long a logged-out visitor’s session may linger is a number that somebody has signed for.',
    since: '0.1.0',
    waits: true,
    async check({ store, lifeMs, capabilities: { expiryGranularityMs } }) {
      const expiresAt = Date.now() + lifeMs;
      const { id } = await created(store, { expiresAt });
      await reached(expiresAt + expiryGranularityMs);
      expectNone(await store.load(id), `load ${expiryGranularityMs} ms after the expiry`);
    },
  },
  {
    id: '6.3',
    level: 'MUST',
    title: 'expiresAt comes back exactly as it was given, to the millisecond',
    intent: 'An update that repeats the expiry of its base is recognised by that number.',
    since: '0.1.0',
    async check({ store }) {
      for (const offsetMs of [61_001, 61_499, 61_500, 61_999]) {
        const expiresAt = Math.floor(Date.now() / 1_000) * 1_000 + offsetMs;
        const { id } = await created(store, { expiresAt });
        expectEqual((await store.load(id))?.expiresAt, expiresAt, 'expiresAt');
      }
    },
  },
  {
    id: '6.4',
    level: 'MUST',
    title: 'An expiry far ahead is kept: in a month, in a year, in a century',
    intent: 'Backends read large numbers as something else: memcached more than 30 days, 32 bits more than 2038.',
    since: '0.1.0',
    async check({ store }) {
      for (const days of [29, 31, 400, 36_525]) {
        const expiresAt = draftOf().expiresAt + days * dayMs;
        const { id, record } = await created(store, { expiresAt });
        expectSameRecord(await store.load(id), { ...record, expiresAt }, `a record that lives for ${days} days`);
      }
    },
  },
  {
    id: '6.5',
    level: 'MUST',
    title: 'A touched record lives on past the expiry that it had before',
    intent: 'What load shows as the expiry must be what the backend goes by.',
    since: '0.1.0',
    waits: true,
    async check({ store, lifeMs, capabilities, inTime }) {
      const expiresAt = Date.now() + lifeMs;
      const { id } = await created(store, { expiresAt });
      await store.touch(id, expiresAt + dayMs);
      inTime(expiresAt);
      await reached(expiresAt + capabilities.expiryGranularityMs);
      expectRecord(await store.load(id), {}, 'a touched record past its first expiry');
    },
  },
  {
    id: '6.6',
    level: 'MUST',
    title: 'An updated record lives on past the expiry that it had before',
    intent: 'What load shows as the expiry must be what the backend goes by.',
    since: '0.1.0',
    waits: true,
    async check({ store, lifeMs, capabilities, inTime }) {
      const expiresAt = Date.now() + lifeMs;
      const { id, record } = await created(store, { expiresAt });
      await store.update(id, record, draftOf({ expiresAt: expiresAt + dayMs }));
      inTime(expiresAt);
      await reached(expiresAt + capabilities.expiryGranularityMs);
      expectRecord(await store.load(id), {}, 'an updated record past its first expiry');
    },
  },
  {
    id: '6.7',
    level: 'MUST',
    title: 'A record whose expiry an update has shortened ends at the new one',
    intent: 'A session that was made shorter on purpose must not outlive the purpose.',
    since: '0.1.0',
    waits: true,
    async check({ store, lifeMs, capabilities }) {
      const { id, record } = await created(store);
      const expiresAt = Date.now() + lifeMs;
      expectUpdated(await store.update(id, record, draftOf({ expiresAt })), 'an update to an earlier expiry');
      await reached(expiresAt + capabilities.expiryGranularityMs);
      expectNone(await store.load(id), 'load after the shortened expiry');
    },
  },
];
