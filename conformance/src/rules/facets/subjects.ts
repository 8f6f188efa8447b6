import { requireFacet, type SessionStore } from '@stet/core';
import { expectEqual, expectSameRecord, expectStoreError, expectTypeError, shown } from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { reached } from '../../run/waiting.ts';
import { illFormedTexts, subjects } from '../../samples/hostile-texts.ts';
import { created, draftOf, newId } from '../../samples/samples.ts';

/** The ids of a subject's sessions, in one text that can be compared. */
async function idsOf(store: SessionStore, subject: string): Promise<string> {
  const found = await requireFacet(store, 'bySubject').bySubject(subject);
  return joined(found.map(([id]) => id));
}

function joined(ids: readonly string[]): string {
  return ids.toSorted().join();
}

export const subjectRules: readonly Rule[] = [
  {
    id: '14.1',
    level: 'MUST',
    title: 'bySubject() gives the live records of a subject, each with its id, and an empty list for an unknown one',
    intent: 'Log out everywhere has to mean everywhere.',
    since: '0.1.0',
    requires: ['bySubject'],
    async check({ store }) {
      const mine = [await created(store, { subject: 'user-7' }), await created(store, { subject: 'user-7' })];
      await created(store, { subject: 'user-8' });
      await created(store);
      expectEqual(await idsOf(store, 'user-7'), joined(mine.map(({ id }) => id)), 'the sessions of user-7');
      for (const [id, record] of await requireFacet(store, 'bySubject').bySubject('user-7')) {
        const loaded = await store.load(id);
        if (loaded) expectSameRecord(record, loaded, 'the record that comes with the id');
      }
      expectEqual(await idsOf(store, 'nobody'), '', 'the sessions of an unknown subject');
    },
  },
  {
    id: '14.2',
    level: 'MUST',
    title: 'Subjects are compared byte for byte',
    intent: 'A collation that finds Élise equal to elise logs out, or lists, the wrong person.',
    since: '0.1.0',
    requires: ['bySubject'],
    async check({ store }) {
      const ids = new Map<string, string>();
      for (const subject of subjects) ids.set(subject, (await created(store, { subject })).id);
      for (const [subject, id] of ids) {
        expectEqual(await idsOf(store, subject), id, `the sessions of ${shown(subject)}`);
      }
    },
  },
  {
    id: '14.3',
    level: 'MUST',
    title: 'An update that changes, adds or removes the subject is followed at once',
    intent: 'A session that was handed to somebody else must not be listed under the one before.',
    since: '0.1.0',
    requires: ['bySubject'],
    async check({ store }) {
      const { id, record } = await created(store);
      let base = record;
      for (const wanted of ['user-7', 'user-8', undefined, 'user-9']) {
        const result = await store.update(id, base, wanted === undefined ? draftOf() : draftOf({ subject: wanted }));
        if (result.status !== 'updated') return;
        base = result.record;
        const subject = (await store.load(id))?.subject;
        for (const one of ['user-7', 'user-8', 'user-9']) {
          expectEqual(await idsOf(store, one), one === subject ? id : '', `the sessions of ${one} under ${subject}`);
        }
      }
    },
  },
  {
    id: '14.4',
    level: 'MUST',
    title: 'A deleted record is not found by its subject',
    intent: 'A list of active devices shows what is active.',
    since: '0.1.0',
    requires: ['bySubject'],
    async check({ store }) {
      const { id } = await created(store, { subject: 'user-7' });
      const staying = await created(store, { subject: 'user-7' });
      await store.delete(id);
      expectEqual(await idsOf(store, 'user-7'), staying.id, 'the sessions of user-7 after delete');
    },
  },
  {
    id: '14.5',
    level: 'MUST',
    title: 'An expired record is not found by its subject',
    intent: 'A list of active devices shows what is active.',
    since: '0.1.0',
    requires: ['bySubject'],
    waits: true,
    async check({ store, lifeMs, capabilities }) {
      const expiresAt = Date.now() + lifeMs;
      await created(store, { subject: 'user-7', expiresAt });
      await store.create(newId(), draftOf({ subject: 'user-7', expiresAt: 1 }));
      const staying = await created(store, { subject: 'user-7' });
      await reached(expiresAt + capabilities.expiryGranularityMs);
      expectEqual(await idsOf(store, 'user-7'), staying.id, 'the sessions of user-7 after expiry');
    },
  },
  {
    id: '14.6',
    level: 'MUST',
    title: 'A record that was extended is found by its subject past its first expiry',
    intent: 'An index that forgets those who stayed longest leaves them logged in everywhere.',
    since: '0.1.0',
    requires: ['bySubject'],
    waits: true,
    async check({ store, lifeMs, capabilities, inTime }) {
      const expiresAt = Date.now() + lifeMs;
      const touched = await created(store, { subject: 'user-7', expiresAt });
      const updated = await created(store, { subject: 'user-7', expiresAt });
      await store.touch(touched.id, expiresAt + 3_600_000);
      await store.update(updated.id, updated.record, draftOf({ subject: 'user-7' }));
      inTime(expiresAt);
      await reached(expiresAt + capabilities.expiryGranularityMs);
      expectEqual(await idsOf(store, 'user-7'), joined([touched.id, updated.id]), 'the sessions of user-7');
    },
  },
  {
    id: '14.7',
    level: 'MUST',
    title: 'bySubject() of what is no subject is a TypeError',
    intent: 'An undefined user id must not read as a user without sessions.',
    since: '0.1.0',
    requires: ['bySubject'],
    async check({ store }) {
      for (const subject of ['', 'x'.repeat(256), ...illFormedTexts, undefined, null, 7, {}]) {
        const call = (): Promise<unknown> => requireFacet(store, 'bySubject').bySubject(subject as string);
        await expectTypeError(call, `bySubject(${shown(subject)})`);
      }
    },
  },
  {
    id: '14.8',
    level: 'MUST',
    title: 'Where the capabilities say bySubject: false, bySubject is absent or rejects with STORE_UNSUPPORTED',
    intent: 'A list that is empty because there is no index would pass for no sessions.',
    since: '0.1.0',
    requires: ['not bySubject'],
    async check({ store }) {
      const { bySubject } = store as { bySubject?: (subject: string) => Promise<unknown> };
      if (bySubject === undefined) return;
      await expectStoreError(() => bySubject.call(store, 'user-7'), ['STORE_UNSUPPORTED'], 'bySubject()');
    },
  },
];
