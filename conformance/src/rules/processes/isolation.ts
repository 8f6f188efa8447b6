import { requireFacet, type SessionRecord } from '@stet/core';
import { expectEqual, expectNone, expectSameRecord } from '../../expectation.ts';
import type { Rule, RuleContext } from '../../rule.ts';
import { reached } from '../../run/waiting.ts';
import { created, draftOf, newId } from '../../samples/samples.ts';

/** A namespace whose name begins with the rule's own. */
function longer({ settings }: RuleContext): { readonly namespace: string } {
  return { namespace: `${settings.namespace}b` };
}

async function idsIn(entries: AsyncIterable<readonly [string, SessionRecord]>): Promise<string[]> {
  const ids: string[] = [];
  for await (const [id] of entries) ids.push(id);
  return ids.sort();
}

export const isolationRules: readonly Rule[] = [
  {
    id: '9.1',
    level: 'MUST',
    title: 'No call reaches a record of a namespace whose name begins or ends differently',
    intent: 'Two applications on one server, app and app2 say, must never meet.',
    since: '0.1.0',
    async check(context) {
      const { store } = context;
      const other = await context.open(longer(context));
      const { id, record } = await created(store);
      expectNone(await other.load(id), 'load from the longer namespace');
      await other.update(id, record, draftOf({ data: '"theirs"' }));
      await other.touch(id, record.expiresAt + 60_000);
      await other.delete(id);
      expectSameRecord(await store.load(id), record, 'our record after calls on the longer namespace');
      const [ours, theirs] = await Promise.all([created(store, {}, newId()), created(other)]);
      expectNone(await store.load(theirs.id), 'load of their record from the shorter namespace');
      const same = await created(other, { data: '"theirs"' }, ours.id);
      expectSameRecord(await store.load(ours.id), ours.record, 'our record of an id that both have');
      expectSameRecord(await other.load(ours.id), same.record, 'their record of an id that both have');
    },
  },
  {
    id: '9.2',
    level: 'MUST',
    title: 'entries() lists no record of another namespace',
    intent: 'A job over all sessions of app must not run over those of app2.',
    since: '0.1.0',
    requires: ['iterable'],
    async check(context) {
      const other = await context.open(longer(context));
      const ours = await created(context.store);
      const theirs = await created(other);
      expectEqual((await idsIn(requireFacet(context.store, 'iterable').entries())).join(), ours.id, 'our entries');
      expectEqual((await idsIn(requireFacet(other, 'iterable').entries())).join(), theirs.id, 'their entries');
    },
  },
  {
    id: '9.3',
    level: 'MUST',
    title: 'deleteExpired() counts and deletes no record of another namespace',
    intent: 'A sweep of app must not be one of app2, whose clock and rules may differ.',
    since: '0.1.0',
    requires: ['sweepable'],
    waits: true,
    async check(context) {
      const other = await context.open(longer(context));
      const expiresAt = Date.now() + context.lifeMs;
      await created(context.store, { expiresAt });
      await created(other, { expiresAt });
      await reached(expiresAt + context.capabilities.expiryGranularityMs);
      expectEqual(await requireFacet(context.store, 'sweepable').deleteExpired(), 1, 'our number of expired records');
      expectEqual(await requireFacet(other, 'sweepable').deleteExpired(), 1, 'their number of expired records');
    },
  },
  {
    id: '9.4',
    level: 'MUST',
    title: 'bySubject() finds no record of another namespace',
    intent: 'The user-7 of app is another person than the user-7 of app2.',
    since: '0.1.0',
    requires: ['bySubject'],
    async check(context) {
      const other = await context.open(longer(context));
      const ours = await created(context.store, { subject: 'user-7' });
      const theirs = await created(other, { subject: 'user-7' });
      const found = await requireFacet(context.store, 'bySubject').bySubject('user-7');
      expectEqual(found.map(([id]) => id).join(), ours.id, 'our sessions of user-7');
      const foundThere = await requireFacet(other, 'bySubject').bySubject('user-7');
      expectEqual(foundThere.map(([id]) => id).join(), theirs.id, 'their sessions of user-7');
    },
  },
];
