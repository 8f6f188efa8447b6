import { type FrontStore, requireFacet, type SessionRecord, type SessionStore } from '@stet/core';
import {
  expect,
  expectEqual,
  expectNone,
  expectRecord,
  expectSameRecord,
  expectStoreError,
  shown,
  violated,
} from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { becomesTrue, scaled } from '../../run/waiting.ts';
import { draftOf, madeElsewhere, newId } from '../../samples/samples.ts';

/** The store as a front. */
export function frontOf(store: SessionStore): FrontStore {
  return requireFacet(store, 'leasable');
}

/** A record as it comes from the store behind: at some revision, from some time ago. */
export function fromBehind(over: Partial<SessionRecord> = {}): SessionRecord {
  return { ...madeElsewhere(draftOf({ data: '"from behind"' }), Date.now() - 500_000), revision: 7, ...over };
}

/** Takes the lease of an id that has no entry. */
export async function leased(front: FrontStore, id: string): Promise<string> {
  const result = await front.loadOrLease(id);
  if (result.status !== 'leased')
    return violated("loadOrLease of an id without an entry to be 'leased'", shown(result));
  return result.token;
}

/** The token of an entry that is there. */
export async function tokenOf(front: FrontStore, id: string): Promise<string> {
  const result = await front.loadOrLease(id);
  if (result.status !== 'hit') return violated("loadOrLease of a record to be a 'hit'", shown(result));
  return result.token;
}

const clockSkewMs = 1_000;

/** Leases: who may fill an entry that is missing. */
export const frontRules: readonly Rule[] = [
  {
    id: '15.1',
    level: 'MUST',
    title: 'loadOrLease of a record is a hit: the record, a token, and when the entry was written',
    intent: 'A tier above goes by the age of the entry, and writes with the token of what it has read.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const front = frontOf(store);
      const id = newId();
      const before = Date.now() - clockSkewMs;
      await store.create(id, draftOf({ subject: 'user-7' }));
      const record = await store.load(id);
      const result = await front.loadOrLease(id);
      if (result.status !== 'hit') return violated("loadOrLease of a record to be a 'hit'", shown(result));
      expectSameRecord(result.record, record as SessionRecord, 'the record of the hit');
      expect(typeof result.token === 'string' && result.token !== '', 'its token to be text', () => shown(result));
      const { storedAt } = result;
      expect(storedAt >= before && storedAt <= Date.now() + clockSkewMs, 'storedAt to be the time of the write', () =>
        shown(storedAt),
      );
    },
  },
  {
    id: '15.2',
    level: 'MUST',
    title: 'On a miss one caller gets the lease, and the others are told busy',
    intent: 'One reader fills the entry; a thousand do not ask the database at once.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store, open }) {
      const front = frontOf(store);
      const other = frontOf(store.capabilities.shared ? await open() : store);
      const id = newId();
      const results = await Promise.all(Array.from({ length: 10 }, () => other.loadOrLease(id)));
      const statuses = results.map(({ status }) => status).sort();
      expectEqual(statuses.join(), `${'busy,'.repeat(9)}leased`, 'how ten concurrent misses end');
      expectEqual((await front.loadOrLease(id)).status, 'busy', 'loadOrLease while the lease is held');
    },
  },
  {
    id: '15.3',
    level: 'MUST',
    title: 'The holder of a lease fills the entry, and the record is kept as it is',
    intent: 'The entry is the same record as in the store behind: its revision decides later updates.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const front = frontOf(store);
      const id = newId();
      const record = fromBehind({ subject: 'user-7' });
      const token = await front.replaceIf(id, await leased(front, id), record);
      expect(typeof token === 'string', 'replaceIf with a lease to resolve to a token', () => shown(token));
      expectSameRecord(await store.load(id), record, 'what load gives after the fill');
    },
  },
  {
    id: '15.4',
    level: 'MUST',
    title: 'A lease reads as no record to every call',
    intent: 'A placeholder that somebody takes for a session is an empty session.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const id = newId();
      await leased(frontOf(store), id);
      expectNone(await store.load(id), 'load of a lease');
      expectEqual(await store.touch(id, Date.now() + 60_000), false, 'what touch of a lease resolves to');
      const { status } = await store.update(id, fromBehind(), draftOf());
      expectEqual(status, 'gone', 'the status of an update of a lease');
      expectEqual(await store.delete(id), false, 'what delete of a lease resolves to');
    },
  },
  {
    id: '15.5',
    level: 'MUST',
    title: 'A lease is no entry of entries()',
    intent: 'A placeholder that somebody takes for a session is an empty session.',
    since: '0.1.0',
    requires: ['leasable', 'iterable'],
    async check({ store }) {
      await leased(frontOf(store), newId());
      for await (const entry of requireFacet(store, 'iterable').entries()) violated('no entries', shown(entry));
    },
  },
  {
    id: '15.6',
    level: 'MUST',
    title: 'A lease does not hold its id: create wins over it, and cancels it',
    intent: 'A visitor who logs in does not wait for a reader; and the reader must not undo the login.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const front = frontOf(store);
      const id = newId();
      const token = await leased(front, id);
      await store.create(id, draftOf({ data: '"new"' }));
      expectRecord(await store.load(id), { data: '"new"' }, 'the record created over a lease');
      expectNone(await front.replaceIf(id, token, fromBehind()), 'replaceIf with a lease that create has cancelled');
      expectRecord(await store.load(id), { data: '"new"' }, 'the record after the late fill');
    },
  },
  {
    id: '15.7',
    level: 'MUST',
    title: 'delete cancels a lease',
    intent: 'A reader that has read before a logout must not fill the entry after it.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const front = frontOf(store);
      const id = newId();
      const token = await leased(front, id);
      await store.delete(id);
      expectNone(await front.replaceIf(id, token, fromBehind()), 'replaceIf with a lease that delete has cancelled');
      expectNone(await store.load(id), 'load after the late fill');
    },
  },
  {
    id: '15.8',
    level: 'MUST',
    title: 'A lease runs out: somebody else gets it then, and its first holder can fill nothing any more',
    intent: 'A reader that died must not leave the entry empty for ever; one that stalled must not come back.',
    since: '0.1.0',
    requires: ['leasable'],
    waits: true,
    async check({ store, settings }) {
      const front = frontOf(store);
      const id = newId();
      const first = await leased(front, id);
      const next = async (): Promise<boolean> => (await front.loadOrLease(id)).status === 'leased';
      const limitMs = settings.leaseMs + scaled(10_000);
      expect(await becomesTrue(next, limitMs), `a lease to run out within ${limitMs} ms`, () => 'it is held still');
      expectNone(await front.replaceIf(id, first, fromBehind()), 'replaceIf with a lease that has run out');
      expectNone(await store.load(id), 'load after the late fill');
    },
  },
  {
    id: '15.9',
    level: 'MUST',
    title: 'Leases hold across the stores of one front',
    intent: 'The readers of one session are spread over all processes of a site.',
    since: '0.1.0',
    requires: ['leasable', 'shared'],
    async check({ open }) {
      const [one, other] = [frontOf(await open()), frontOf(await open())];
      const [cancelled, filled] = [newId(), newId()];
      const token = await leased(one, cancelled);
      await other.delete(cancelled);
      expectNone(await one.replaceIf(cancelled, token, fromBehind()), 'replaceIf after a delete by another store');
      const record = fromBehind();
      const passed = await other.replaceIf(filled, await leased(one, filled), record);
      expect(passed !== null, 'a token to stand in another store of the same data', () => shown(passed));
      expectSameRecord(await one.load(filled), record, 'what the first store loads then');
    },
  },
  {
    id: '15.10',
    level: 'MUST',
    title:
      'Where the capabilities say leasable: false, loadOrLease and replaceIf are absent or reject with STORE_UNSUPPORTED',
    intent: 'A tier above would take it for a front that keeps its promises.',
    since: '0.1.0',
    requires: ['not leasable'],
    async check({ store }) {
      const { loadOrLease, replaceIf } = store as Partial<FrontStore>;
      const id = newId();
      if (loadOrLease) {
        await expectStoreError(() => loadOrLease.call(store, id), ['STORE_UNSUPPORTED'], 'loadOrLease()');
      }
      if (replaceIf) {
        const call = (): Promise<unknown> => replaceIf.call(store, id, 'token', fromBehind());
        await expectStoreError(call, ['STORE_UNSUPPORTED'], 'replaceIf()');
      }
    },
  },
];
