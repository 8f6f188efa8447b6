import type { FrontStore, SessionStore } from '@stet/core';
import {
  expect,
  expectEqual,
  expectNone,
  expectSameRecord,
  expectStoreError,
  expectTypeError,
  shown,
} from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { reached } from '../../run/waiting.ts';
import { hostileIds } from '../../samples/hostile-ids.ts';
import { created, draftOf, newId } from '../../samples/samples.ts';
import { fromBehind, frontOf, leased, tokenOf } from './fronts.ts';

/** The token of an entry no longer stands, and a write with it changes nothing. */
async function expectCancelled(front: FrontStore, id: string, token: string, by: string): Promise<void> {
  const before = await front.load(id);
  expectNone(
    await front.replaceIf(id, token, fromBehind({ data: '"late"' })),
    `replaceIf with a token from before ${by}`,
  );
  const after = await front.load(id);
  expectEqual(after?.data, before?.data, `the data after a replaceIf with a token from before ${by}`);
}

/** A record in a front, with its token. */
async function held(
  store: SessionStore,
): Promise<{ front: FrontStore; token: string } & Awaited<ReturnType<typeof created>>> {
  const front = frontOf(store);
  const { id, record } = await created(store);
  return { front, id, record, token: await tokenOf(front, id) };
}

/** Tokens: which writes to an entry still count. */
export const frontTokenRules: readonly Rule[] = [
  {
    id: '15.11',
    level: 'MUST',
    title: 'replaceIf replaces a record while its token stands, and resolves to the token of the new entry',
    intent: 'The tier above publishes what it has just written to the store behind.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const { front, id, token } = await held(store);
      const record = fromBehind();
      const next = await front.replaceIf(id, token, record);
      expect(typeof next === 'string', 'replaceIf with a token that stands to resolve to a token', () => shown(next));
      expectSameRecord(await store.load(id), record, 'the record after replaceIf');
      const again = await front.replaceIf(id, String(next), fromBehind({ revision: 8 }));
      expect(again !== null, 'the token that replaceIf resolved to to stand', () => shown(again));
    },
  },
  {
    id: '15.12',
    level: 'MUST',
    title: 'replaceIf spends its token',
    intent: 'A packet that arrives twice, or late, must not undo what came in between.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const { front, id, token } = await held(store);
      await front.replaceIf(id, token, fromBehind());
      expectEqual(await front.replaceIf(id, token, fromBehind()), null, 'replaceIf with a spent token');
      await expectCancelled(front, id, token, 'replaceIf');
    },
  },
  {
    id: '15.13',
    level: 'MUST',
    title: 'Of concurrent replaceIf with one token exactly one is done',
    intent: 'The front must not go back to the older of two publications.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const { front, id, token } = await held(store);
      const records = Array.from({ length: 10 }, (_, racer) => fromBehind({ revision: racer + 2 }));
      const tokens = await Promise.all(records.map((record) => front.replaceIf(id, token, record)));
      expectEqual(tokens.filter((one) => one !== null).length, 1, 'how many of 10 concurrent replaceIf are done');
      const { revision } = records[tokens.findIndex((one) => one !== null)] ?? {};
      expectEqual((await store.load(id))?.revision, revision, 'the revision after the race');
    },
  },
  {
    id: '15.14',
    level: 'MUST',
    title: 'update cancels the token',
    intent: 'A fill from before an update must not take it back.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const { front, id, record, token } = await held(store);
      await store.update(id, record, draftOf({ data: '"updated"' }));
      await expectCancelled(front, id, token, 'update');
    },
  },
  {
    id: '15.15',
    level: 'MUST',
    title: 'touch cancels the token',
    intent: 'A fill from before a touch must not shorten the session again.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const { front, id, record, token } = await held(store);
      await store.touch(id, record.expiresAt + 60_000);
      await expectCancelled(front, id, token, 'touch');
    },
  },
  {
    id: '15.16',
    level: 'MUST',
    title: 'delete cancels the token of a record, and a create afterwards does not revive it',
    intent: 'A fill from before a logout must not bring the session back.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const { front, id, token } = await held(store);
      await store.delete(id);
      await expectCancelled(front, id, token, 'delete');
      await store.create(id, draftOf({ data: '"again"' }));
      await expectCancelled(front, id, token, 'delete and create');
    },
  },
  {
    id: '15.17',
    level: 'MUST',
    title: 'The token of a record that has expired does not stand',
    intent: 'A fill from before a timeout must not undo it.',
    since: '0.1.0',
    requires: ['leasable'],
    waits: true,
    async check({ store, lifeMs, capabilities, inTime }) {
      const front = frontOf(store);
      const expiresAt = Date.now() + lifeMs;
      const { id } = await created(store, { expiresAt });
      const result = await front.loadOrLease(id);
      inTime(expiresAt);
      await reached(expiresAt + capabilities.expiryGranularityMs);
      const token = result.status === 'hit' ? result.token : '';
      await expectCancelled(front, id, token, 'the expiry');
      expectEqual((await front.loadOrLease(id)).status, 'leased', 'the status of loadOrLease after the expiry');
    },
  },
  {
    id: '15.18',
    level: 'MUST',
    title: 'replaceIf with a token that never stood changes nothing, and fills nothing',
    intent: 'Without a token of its own nobody writes to a front.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const { front, id } = await held(store);
      const elsewhere = await held(store);
      const missing = newId();
      for (const token of ['', 'token', '0', '1', elsewhere.token]) {
        await expectCancelled(front, id, token, 'the dawn of time');
        expectNone(await front.replaceIf(missing, token, fromBehind()), 'replaceIf of an id without an entry');
        expectNone(await store.load(missing), 'load after a replaceIf of an id without an entry');
      }
    },
  },
  {
    id: '15.19',
    level: 'MUST',
    title: 'Tokens never repeat, not even for the same record under the same id',
    intent: 'A token that comes back revives every write that it was meant to have cancelled.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const front = frontOf(store);
      const id = newId();
      const record = fromBehind();
      const tokens: string[] = [];
      for (let round = 0; round < 50; round += 1) {
        const lease = await leased(front, id);
        tokens.push(lease, String(await front.replaceIf(id, lease, record)));
        await store.delete(id);
      }
      expectEqual(new Set(tokens).size, tokens.length, 'the number of different tokens among those given out');
    },
  },
  {
    id: '15.20',
    level: 'MUST',
    title: 'A loadOrLease that is a hit leaves the token of the entry as it is',
    intent: 'Readers must not cancel one another’s publications.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const { front, id, token } = await held(store);
      expectEqual(await tokenOf(front, id), token, 'the token of the second hit');
      await store.load(id);
      const next = await front.replaceIf(id, token, fromBehind());
      expect(next !== null, 'the token of the first hit to stand after other reads', () => shown(next));
    },
  },
  {
    id: '15.21',
    level: 'MUST',
    title: 'loadOrLease and replaceIf of what is no id are TypeErrors',
    intent: 'An id that is checked first cannot be a path, a command or a pattern to any backend.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store }) {
      const front = frontOf(store);
      for (const hostile of hostileIds) {
        const id = hostile as string;
        await expectTypeError(() => front.loadOrLease(id), `loadOrLease of ${shown(id)}`);
        await expectTypeError(() => front.replaceIf(id, 'token', fromBehind()), `replaceIf of ${shown(id)}`);
      }
    },
  },
  {
    id: '15.22',
    level: 'MUST',
    title: 'replaceIf with a record that is too large or malformed rejects as update does, and changes nothing',
    intent: 'A front may keep less than the store behind, and has to say so.',
    since: '0.1.0',
    requires: ['leasable'],
    async check({ store, capabilities: { maxDataBytes } }) {
      const { front, id, record, token } = await held(store);
      const tooLarge = fromBehind({ data: 'y'.repeat(maxDataBytes + 1) });
      await expectStoreError(() => front.replaceIf(id, token, tooLarge), ['STORE_TOO_LARGE'], 'replaceIf');
      const malformed = fromBehind({ data: '\ud800' });
      await expectTypeError(() => front.replaceIf(id, token, malformed), 'replaceIf with a lone surrogate');
      expectSameRecord(await store.load(id), record, 'the record after refused replacements');
    },
  },
  {
    id: '15.23',
    level: 'untested',
    title: 'An eviction gives an entry no token or a new one',
    intent: 'A fill from before an eviction must not be mistaken for one after it.',
    since: '0.1.0',
    reason: 'a backend evicts when it likes',
  },
  {
    id: '15.24',
    level: 'untested',
    title: 'Tokens are random',
    intent: 'A counter that starts again after a restart repeats.',
    since: '0.1.0',
    reason: 'that a token cannot be foreseen is not to be seen from a few of them',
  },
  {
    id: '15.25',
    level: 'MUST',
    title: 'A late copy of a loadOrLease does not revive a lease that was cancelled',
    intent: 'A reader that has read before a logout must not fill the entry after it, whatever a driver sends twice.',
    since: '0.1.0',
    requires: ['leasable', 'faults.lateCopy'],
    async check({ store, target, settings }) {
      const front = frontOf(store);
      const id = newId();
      let token = '';
      const deliver = await target.faults?.lateCopy?.(settings, async () => {
        token = await leased(front, id);
      });
      await store.delete(id);
      await deliver?.();
      expectNone(await front.replaceIf(id, token, fromBehind()), 'replaceIf with a lease that delete has cancelled');
      expectNone(await store.load(id), 'load after the late fill');
    },
  },
  {
    id: '15.26',
    level: 'MUST',
    title: 'A late copy of a replaceIf does not bring back what was deleted since',
    intent: 'A fill that arrives twice must not undo a logout.',
    since: '0.1.0',
    requires: ['leasable', 'faults.lateCopy'],
    async check({ store, target, settings }) {
      const front = frontOf(store);
      const id = newId();
      const token = await leased(front, id);
      const deliver = await target.faults?.lateCopy?.(settings, () => front.replaceIf(id, token, fromBehind()));
      await store.delete(id);
      await deliver?.();
      expectNone(await store.load(id), 'load after a late copy of the fill');
    },
  },
];
