import { requireFacet, type SessionStore } from '@stet/core';
import { expectEqual, expectUpdated, shown } from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { reached } from '../../run/waiting.ts';
import { alikeSubjects } from '../../samples/hostile-texts.ts';
import { created, draftOf, newId } from '../../samples/samples.ts';

async function sessionsOf(store: SessionStore, subject: string): Promise<string> {
  const found = await requireFacet(store, 'bySubject').bySubject(subject);
  return found
    .map(([id]) => id)
    .sort()
    .join();
}

/** What an index by subject must not remember, or take for the same. */
export const subjectHistoryRules: readonly Rule[] = [
  {
    id: '14.10',
    level: 'MUST',
    title: 'Subjects are told apart however they are joined, escaped, shown or hashed',
    intent: 'Log out everywhere must not log out somebody else whose name has the same checksum.',
    since: '0.1.0',
    requires: ['bySubject'],
    async check({ store }) {
      const ids = new Map<string, string>();
      for (const subject of alikeSubjects) ids.set(subject, (await created(store, { subject })).id);
      for (const [subject, id] of ids)
        expectEqual(await sessionsOf(store, subject), id, `the sessions of ${shown(subject)}`);
    },
  },
  {
    id: '14.11',
    level: 'MUST',
    title: 'An id that is used again is found by its new subject alone: after a delete, and after an expiry',
    intent: 'An index that outlives its records lists a stranger’s session among one’s own.',
    since: '0.1.0',
    requires: ['bySubject'],
    waits: true,
    async check({ store, lifeMs, capabilities }) {
      const [expired, deleted, anonymous] = [newId(), newId(), newId()];
      const expiresAt = Date.now() + lifeMs;
      await created(store, { subject: 'user-7', expiresAt }, expired);
      for (const id of [deleted, anonymous]) {
        await created(store, { subject: 'user-7' }, id);
        await store.delete(id);
      }
      await reached(expiresAt + capabilities.expiryGranularityMs);
      await created(store, { subject: 'user-8' }, expired);
      await created(store, { subject: 'user-8' }, deleted);
      await created(store, {}, anonymous);
      expectEqual(await sessionsOf(store, 'user-7'), '', 'the sessions of the subject before');
      expectEqual(
        await sessionsOf(store, 'user-8'),
        [expired, deleted].sort().join(),
        'the sessions of the new subject',
      );
      await store.delete(deleted);
      expectEqual(await sessionsOf(store, 'user-8'), expired, 'the sessions of the new subject after a delete');
    },
  },
  {
    id: '14.12',
    level: 'MUST',
    title: 'What bySubject() gives is the newest state of each session',
    intent:
      'A record out of an index that was written before is no base, and shows a device that has long been renamed.',
    since: '0.1.0',
    requires: ['bySubject'],
    async check({ store }) {
      const { id, record } = await created(store, { subject: 'user-7' });
      const updated = expectUpdated(
        await store.update(id, record, draftOf({ data: '"new"', subject: 'user-7' })),
        'update',
      );
      await store.touch(id, updated.expiresAt + 60_000);
      const [found] = await requireFacet(store, 'bySubject').bySubject('user-7');
      expectEqual(found?.[1].data, '"new"', 'the data of what bySubject gives');
      expectEqual(found?.[1].revision, updated.revision, 'the revision of what bySubject gives');
      expectEqual(found?.[1].expiresAt, updated.expiresAt + 60_000, 'the expiry of what bySubject gives');
    },
  },
  {
    id: '14.13',
    level: 'MUST',
    title: 'A sweep takes no live session away from its subject',
    intent: 'An index that is cleaned with the wrong broom forgets those who are still logged in.',
    since: '0.1.0',
    requires: ['bySubject', 'sweepable'],
    waits: true,
    async check({ store, lifeMs, capabilities }) {
      const expiresAt = Date.now() + lifeMs;
      const again = newId();
      await created(store, { subject: 'user-7', expiresAt }, again);
      await created(store, { subject: 'user-7', expiresAt });
      const staying = await created(store, { subject: 'user-7' });
      await reached(expiresAt + capabilities.expiryGranularityMs);
      await created(store, { subject: 'user-7' }, again);
      await requireFacet(store, 'sweepable').deleteExpired();
      expectEqual(await sessionsOf(store, 'user-7'), [staying.id, again].sort().join(), 'the sessions after a sweep');
    },
  },
];
