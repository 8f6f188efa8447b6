import { hasFacet } from '@stet/core';
import { expectEqual, expectRecord, expectSameRecord, expectUpdated } from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { created, draftOf } from '../../samples/samples.ts';

const year9999 = 253_402_300_799_999;
const lastDate = 8_640_000_000_000_000;
const farInstants = [2 ** 31 * 1_000, 2 ** 32 * 1_000 + 1, year9999, year9999 + 1, lastDate, Number.MAX_SAFE_INTEGER];

/** Numbers at the edges of what backends and languages count in. */
export const numberRules: readonly Rule[] = [
  {
    id: '6.8',
    level: 'MUST',
    title: 'Any expiry up to Number.MAX_SAFE_INTEGER is kept by create, update and touch',
    intent: 'A session without an end is given the largest number there is, and must not have ended by it.',
    since: '0.1.0',
    async check({ store }) {
      for (const expiresAt of farInstants) {
        const { id, record } = await created(store, { expiresAt });
        expectSameRecord(await store.load(id), { ...record, expiresAt }, `a record with expiresAt ${expiresAt}`);
        const second = expectUpdated(await store.update(id, record, draftOf()), 'an update to an hour');
        expectSameRecord(await store.load(id), second, 'the record after an update to an hour');
        expectEqual(await store.touch(id, expiresAt), true, `what touch to ${expiresAt} resolves to`);
        expectEqual((await store.load(id))?.expiresAt, expiresAt, 'the expiry after the touch');
        expectEqual(await store.touch(id, expiresAt - 1), true, 'what touch to a millisecond less resolves to');
        const third = expectUpdated(await store.update(id, second, draftOf({ expiresAt: expiresAt - 1 })), 'an update');
        expectSameRecord(await store.load(id), third, `the record after an update to ${expiresAt - 1}`);
      }
    },
  },
  {
    id: '6.9',
    level: 'MUST',
    title: 'A touch of one millisecond extends by one millisecond',
    intent: 'A column or a file time that counts in seconds loses what it was told.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      for (let laterMs = 1; laterMs <= 3; laterMs += 1) {
        expectEqual(await store.touch(id, record.expiresAt + laterMs), true, 'what touch resolves to');
        expectRecord(await store.load(id), { expiresAt: record.expiresAt + laterMs }, 'the touched record');
      }
      const next = { ...record, expiresAt: record.expiresAt + 3 };
      const shorter = draftOf({ expiresAt: record.expiresAt + 2 });
      const updated = expectUpdated(await store.update(id, next, shorter), 'an update to a millisecond less');
      expectEqual(updated.expiresAt, record.expiresAt + 2, 'the expiry after an update to a millisecond less');
      expectSameRecord(await store.load(id), updated, 'the record after an update to a millisecond less');
    },
  },
  {
    id: '6.10',
    level: 'MUST',
    title: 'Any creation time that is given is kept, from 0 to Number.MAX_SAFE_INTEGER',
    intent: 'Sessions are moved from elsewhere, with the times that they had there.',
    since: '0.1.0',
    async check({ store }) {
      for (const createdAt of [0, 1, 999, ...farInstants]) {
        const { id, record } = await created(store, { createdAt });
        expectEqual(record.createdAt, createdAt, 'createdAt after create');
        const updated = expectUpdated(await store.update(id, record, draftOf()), 'the update');
        expectEqual(updated.createdAt, createdAt, 'createdAt of what update resolves to');
        expectSameRecord(await store.load(id), updated, 'the record after an update');
      }
    },
  },
  {
    id: '6.11',
    level: 'MUST',
    title: 'Records with a far expiry are listed, found by their subject and left by sweeps',
    intent: 'An index that counts in 32 bits takes the longest sessions for ended ones.',
    since: '0.1.0',
    async check({ store }) {
      const all = [];
      for (const expiresAt of farInstants) all.push(await created(store, { expiresAt, subject: 'user-7' }));
      const ids = all
        .map(({ id }) => id)
        .sort()
        .join();
      if (hasFacet(store, 'sweepable')) expectEqual(await store.deleteExpired(), 0, 'the number of a sweep');
      if (hasFacet(store, 'bySubject')) {
        const found = (await store.bySubject('user-7')).map(([id]) => id);
        expectEqual(found.sort().join(), ids, 'the sessions of user-7');
      }
      if (hasFacet(store, 'iterable')) {
        const listed = (await Array.fromAsync(store.entries())).map(([id]) => id);
        expectEqual(listed.sort().join(), ids, 'the ids of the entries');
      }
      for (const { id, record } of all) expectSameRecord(await store.load(id), record, 'the record');
    },
  },
];
