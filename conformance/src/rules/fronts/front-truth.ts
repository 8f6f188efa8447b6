import { type FrontStore, hasFacet, type SessionRecord } from '@stet/core';
import {
  expect,
  expectConflict,
  expectEqual,
  expectNone,
  expectSameRecord,
  expectStoreError,
  expectUpdated,
  shown,
  violated,
} from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { reached } from '../../run/waiting.ts';
import { created, draftOf, newId } from '../../samples/samples.ts';
import { fromBehind, frontOf, leased, tokenOf } from './fronts.ts';

async function storedAt(front: FrontStore, id: string): Promise<number> {
  const result = await front.loadOrLease(id);
  return result.status === 'hit' ? result.storedAt : violated("loadOrLease of a record to be a 'hit'", shown(result));
}

/** What a front tells of an entry, and what it keeps of a record. */
export const frontTruthRules: readonly Rule[] = [
  {
    id: '15.27',
    level: 'MUST',
    title:
      'storedAt tells when the record was last written: by create, update or replaceIf, and by no read or conflict',
    intent: 'A tier above trusts an entry by its age, and must neither trust an old one nor throw a new one away.',
    since: '0.1.0',
    requires: ['leasable'],
    waits: true,
    async check({ store }) {
      const front = frontOf(store);
      const { id, record } = await created(store);
      const writes: ReadonlyArray<readonly [name: string, write: () => Promise<unknown>]> = [
        ['update', () => store.update(id, record, draftOf({ data: '"second"' }))],
        ['replaceIf', async () => front.replaceIf(id, await tokenOf(front, id), fromBehind())],
      ];
      let before = await storedAt(front, id);
      for (const [name, write] of writes) {
        await reached(Date.now() + 20);
        await store.load(id);
        await store.update(id, { ...record, revision: record.revision + 99 }, draftOf());
        expectEqual(await storedAt(front, id), before, `storedAt after reads and a conflict, before ${name}`);
        await write();
        const after = await storedAt(front, id);
        expect(after > before, `storedAt after ${name} to be later than before it`, () => shown({ before, after }));
        before = after;
      }
    },
  },
  {
    id: '15.28',
    level: 'MUST',
    title: 'replaceIf keeps every field of the record as it is, also a shorter life, no subject, or a lower revision',
    intent: 'The store behind is the truth, and it may have come to be what it is in any way.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const front = frontOf(store);
      const { id, record } = await created(store, { subject: 'user-7', createdAt: 12_345 });
      let token = await tokenOf(front, id);
      const { subject: _, ...anonymous } = record;
      const records: readonly SessionRecord[] = [
        { ...record, data: '' },
        { ...record, revision: 1, expiresAt: record.expiresAt - 600_001 },
        anonymous,
        { ...record, subject: 'user-8', createdAt: 0, expiresAt: Number.MAX_SAFE_INTEGER },
        ...[127, 128, 255, 256, 32_767, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 48, 2 ** 53 - 2].map(
          (revision) => ({
            ...record,
            revision,
          }),
        ),
      ];
      for (const wanted of records) {
        const next = await front.replaceIf(id, token, wanted);
        expect(next !== null, 'replaceIf with the token of the last one to be done', () => shown(wanted));
        expectSameRecord(await store.load(id), wanted, 'the record after replaceIf');
        token = next;
      }
    },
  },
  {
    id: '15.29',
    level: 'MUST',
    title: 'An update goes on from whatever revision replaceIf has stored',
    intent: 'A front that is promoted to a store of its own counts on.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const front = frontOf(store);
      for (const revision of [1, 127, 255, 32_767, 65_535, 2 ** 31 - 1, 2 ** 32 - 1, 2 ** 48, 2 ** 53 - 2]) {
        const id = newId();
        const record = fromBehind({ revision });
        await front.replaceIf(id, await leased(front, id), record);
        expectConflict(
          await store.update(id, { ...record, revision: revision + 1 }, draftOf()),
          'an update from ahead',
        );
        const updated = expectUpdated(await store.update(id, record, draftOf()), `an update of revision ${revision}`);
        expectEqual(updated.revision, revision + 1, 'the revision after the update');
        expectSameRecord(await store.load(id), updated, 'the record after the update');
      }
    },
  },
  {
    id: '15.30',
    level: 'MUST',
    title: 'replaceIf with a record that has expired leaves no record',
    intent: 'A session that ended while it was on its way to the front has ended.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const front = frontOf(store);
      const { id } = await created(store);
      await front.replaceIf(id, await tokenOf(front, id), fromBehind({ expiresAt: 1 }));
      expectNone(await store.load(id), 'load after a replaceIf with an expired record');
      const empty = newId();
      await front.replaceIf(empty, await leased(front, empty), fromBehind({ expiresAt: Date.now() - 1_000 }));
      expectNone(await store.load(empty), 'load after a fill with an expired record');
      expectSameRecord(
        (await created(store, {}, empty)).record,
        (await store.load(empty)) as SessionRecord,
        'a create',
      );
    },
  },
  {
    id: '15.31',
    level: 'MUST',
    title: 'A lease from before a record came and went does not stand',
    intent: 'A reader that was slower than a login and a logout must not bring back what was before both.',
    since: '0.1.0',
    requires: ['leasable'],
    waits: true,
    async check({ open, lifeMs, capabilities }) {
      const front = frontOf(await open({ leaseMs: 60_000 }));
      const [deleted, expired] = [newId(), newId()];
      const [first, second] = [await leased(front, deleted), await leased(front, expired)];
      await front.create(deleted, draftOf());
      await front.delete(deleted);
      const expiresAt = Date.now() + lifeMs;
      await front.create(expired, draftOf({ expiresAt }));
      await reached(expiresAt + capabilities.expiryGranularityMs);
      for (const [id, token] of [
        [deleted, first],
        [expired, second],
      ] as const) {
        expectNone(await front.replaceIf(id, token, fromBehind()), 'replaceIf with a lease from before create');
        expectNone(await front.load(id), 'load after the late fill');
      }
    },
  },
  {
    id: '15.32',
    level: 'MUST',
    title: 'loadOrLease of what cannot be read as a record rejects with STORE_CORRUPT_RECORD',
    intent: 'Corruption that reads as a miss is filled over, evidence and all.',
    since: '0.1.0',
    requires: ['leasable', 'faults.corrupt'],
    async check({ store, target, settings }) {
      const front = frontOf(store);
      const { id } = await created(store);
      await target.faults?.corrupt?.(settings, id);
      for (let turn = 0; turn < 2; turn += 1) {
        await expectStoreError(
          () => front.loadOrLease(id),
          ['STORE_CORRUPT_RECORD'],
          'loadOrLease of a corrupt record',
        );
      }
    },
  },
  {
    id: '15.33',
    level: 'MUST',
    title: 'A record that replaceIf has stored is listed, and is found by its own subject alone',
    intent: 'A front that stands in for its back after a failure knows the same sessions.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const front = frontOf(store);
      const { id, record } = await created(store, { subject: 'user-7' });
      const filled = newId();
      await front.replaceIf(filled, await leased(front, filled), fromBehind({ subject: 'user-7' }));
      await front.replaceIf(id, await tokenOf(front, id), { ...record, subject: 'user-8' });
      if (hasFacet(store, 'bySubject')) {
        for (const [subject, own] of [
          ['user-7', filled],
          ['user-8', id],
        ] as const) {
          const found = (await store.bySubject(subject)).map(([one]) => one);
          expectEqual(found.join(), own, `the sessions of ${subject} after replaceIf`);
        }
      }
      if (!hasFacet(store, 'iterable')) return;
      const listed = (await Array.fromAsync(store.entries())).map(([one]) => one);
      expectEqual(listed.sort().join(), [id, filled].sort().join(), 'the ids of the entries after replaceIf');
    },
  },
];
