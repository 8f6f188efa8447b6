import { isStoreError, type SessionStore, type StoreErrorCode } from '@stet/core';
import {
  expect,
  expectCode,
  expectEqual,
  expectNone,
  expectSameRecord,
  expectStoreError,
  expectTypeError,
  expectUpdated,
  outcomeOf,
  shown,
  violated,
} from '../../expectation.ts';
import { during } from '../../fault.ts';
import type { Rule, RuleContext } from '../../rule.ts';
import { becomesTrue, scaled, settlesWithin } from '../../run/waiting.ts';
import { created, draftOf, newId } from '../../samples/samples.ts';

interface Call {
  readonly name: string;
  readonly codes: readonly StoreErrorCode[];
  readonly run: (store: SessionStore) => Promise<unknown>;
}

const readCodes = ['STORE_UNAVAILABLE', 'STORE_TIMEOUT'] as const;
const writeCodes = ['STORE_UNAVAILABLE', 'STORE_AMBIGUOUS'] as const;

/** One call of each method on an existing record, with the codes it may fail by while there is no backend. */
async function callsOn({ store }: RuleContext): Promise<readonly Call[]> {
  const { id, record } = await created(store);
  return [
    { name: 'load', codes: readCodes, run: (on) => on.load(id) },
    { name: 'create', codes: writeCodes, run: (on) => on.create(newId(), draftOf()) },
    { name: 'update', codes: writeCodes, run: (on) => on.update(id, record, draftOf({ data: '"late"' })) },
    { name: 'touch', codes: writeCodes, run: (on) => on.touch(id, record.expiresAt + 60_000) },
    { name: 'delete', codes: writeCodes, run: (on) => on.delete(id) },
  ];
}

const faultTimeoutMs = 300;

/** A store with a short deadline, for calls that are to fail: where they succeed a busy machine may take longer. */
function impatient({ open }: RuleContext): Promise<SessionStore> {
  return open({ timeoutMs: scaled(faultTimeoutMs) });
}

export const errorRules: readonly Rule[] = [
  {
    id: '11.1',
    level: 'MUST',
    title: 'While the backend is down every call rejects with a StoreError: never null, false or gone',
    intent: 'An outage that reads as no session logs everybody out, and the next login overwrites the old session.',
    since: '0.1.0',
    requires: ['faults.outage'],
    async check(context) {
      const store = await impatient(context);
      const calls = await callsOn(context);
      await during('outage', context, async () => {
        for (const { name, codes, run } of calls) {
          await expectStoreError(() => run(store), codes, `${name} while the backend is down`);
        }
      });
    },
  },
  {
    id: '11.2',
    level: 'MUST',
    title: 'STORE_UNAVAILABLE carries what the driver said as its cause',
    intent: 'Whoever is woken by it has to know whether it was the network, the password or the disk.',
    since: '0.1.0',
    requires: ['faults.outage'],
    async check(context) {
      const store = await impatient(context);
      const calls = await callsOn(context);
      await during('outage', context, async () => {
        for (const { name, run } of calls) {
          const outcome = await outcomeOf(() => run(store));
          const error = 'rejected' in outcome ? (outcome.rejected as { code?: string; cause?: unknown }) : {};
          if (error.code !== 'STORE_UNAVAILABLE') continue;
          expect(error.cause !== undefined, `the STORE_UNAVAILABLE of ${name} to have a cause`, () => shown(error));
        }
      });
    },
  },
  {
    id: '11.3',
    level: 'MUST',
    title: 'A write that rejected with STORE_UNAVAILABLE has written nothing, one with STORE_AMBIGUOUS all or nothing',
    intent: 'The caller decides by the code whether it may try again.',
    since: '0.1.0',
    requires: ['faults.outage'],
    async check(context) {
      const store = await impatient(context);
      const { id, record } = await created(context.store);
      const draft = draftOf({ data: '"late"' });
      const outcome = await during('outage', context, () => outcomeOf(() => store.update(id, record, draft)));
      const loaded = await (await context.open()).load(id);
      const code = 'rejected' in outcome ? (outcome.rejected as { code?: string }).code : undefined;
      if (code === 'STORE_AMBIGUOUS' && loaded?.revision === record.revision + 1) {
        expectSameRecord(
          loaded,
          { ...record, ...draft, revision: record.revision + 1 },
          'the record after an ambiguous update',
        );
      } else if ('rejected' in outcome) {
        expectSameRecord(loaded, record, 'the record after a rejected update');
      }
    },
  },
  {
    id: '11.4',
    level: 'SHOULD',
    title: 'After an outage the store works again by itself',
    intent: 'A backend that restarts must not take every web process with it.',
    since: '0.1.0',
    requires: ['faults.outage'],
    async check(context) {
      const store = await impatient(context);
      const { id, record } = await created(context.store);
      await during('outage', context, () => outcomeOf(() => store.load(id)));
      const works = async (): Promise<boolean> => 'resolved' in (await outcomeOf(() => store.load(id)));
      const limitMs = scaled(5_000);
      expect(
        await becomesTrue(works, limitMs),
        `load to work within ${limitMs} ms of the restart`,
        () => 'it does not',
      );
      expectSameRecord(await store.load(id), record, 'the record after the outage');
    },
  },
  {
    id: '11.5',
    level: 'MUST',
    title: 'A wrong argument is a TypeError, and too much data STORE_TOO_LARGE, even while the backend is down',
    intent: 'Arguments are checked before any I/O, so that nothing malformed ever reaches a backend.',
    since: '0.1.0',
    requires: ['faults.outage'],
    async check(context) {
      const store = await impatient(context);
      const { id, record } = await created(context.store);
      const tooLarge = draftOf({ data: 'x'.repeat(context.capabilities.maxDataBytes + 1) });
      await during('outage', context, async () => {
        await expectTypeError(() => store.load('../../x'), 'load of a wrong id');
        await expectTypeError(() => store.touch(id, Number.NaN), 'touch to NaN');
        await expectTypeError(() => store.create(newId(), draftOf({ data: '\ud800' })), 'create with a lone surrogate');
        await expectTypeError(() => store.update(id, record, draftOf({ subject: '' })), 'update with an empty subject');
        await expectStoreError(() => store.create(newId(), tooLarge), ['STORE_TOO_LARGE'], 'create');
      });
    },
  },
  {
    id: '11.6',
    level: 'MUST',
    title: 'While the backend does not answer, every call settles within timeoutMs',
    intent: 'One stalled backend must not hold up every request of a site until it has no memory left.',
    since: '0.1.0',
    requires: ['faults.stall'],
    async check(context) {
      const store = await impatient(context);
      const calls = await callsOn(context);
      // Room for a busy machine; a driver's own deadlines are far beyond.
      const limitMs = scaled(2 * faultTimeoutMs);
      const settled = await during('stall', context, () =>
        Promise.all(calls.map(({ run }) => settlesWithin(limitMs, run(store)))),
      );
      for (const [index, { name }] of calls.entries()) {
        expect(settled[index] === true, `${name} to settle within ${limitMs} ms of a stall`, () => 'it has not');
      }
    },
  },
  {
    id: '11.7',
    level: 'MUST',
    title:
      'While the backend does not answer, a read is STORE_TIMEOUT and a write STORE_AMBIGUOUS: never null, false or gone',
    intent: 'A write that was sent may yet happen; whoever calls it failed does it twice.',
    since: '0.1.0',
    requires: ['faults.stall'],
    async check(context) {
      const store = await impatient(context);
      const calls = await callsOn(context);
      const outcomes = await during('stall', context, () =>
        Promise.all(
          calls.map(async ({ run }) => {
            const call = run(store);
            return (await settlesWithin(scaled(4 * faultTimeoutMs), call)) ? outcomeOf(() => call) : undefined;
          }),
        ),
      );
      for (const [index, { name, codes }] of calls.entries()) {
        const outcome = outcomes[index];
        // That a call settles at all is the business of the rule before.
        if (!outcome) continue;
        if ('resolved' in outcome) violated(`${name} to reject while stalled`, shown(outcome.resolved));
        expectCode(outcome.rejected, codes, `${name} while stalled`);
      }
    },
  },
  {
    id: '11.8',
    level: 'MUST',
    title: 'load of what cannot be read as a record rejects with STORE_CORRUPT_RECORD',
    intent: 'Corruption that reads as no session is overwritten by the next login, evidence and all.',
    since: '0.1.0',
    requires: ['faults.corrupt'],
    async check({ store, target, settings }) {
      const { id } = await created(store);
      await target.faults?.corrupt?.(settings, id);
      await expectStoreError(() => store.load(id), ['STORE_CORRUPT_RECORD'], 'load of a corrupt record');
    },
  },
  {
    id: '11.9',
    level: 'MUST',
    title: 'load and create leave what cannot be read as a record as it is',
    intent: 'It is kept for inspection, and may be repaired.',
    since: '0.1.0',
    requires: ['faults.corrupt'],
    async check({ store, target, settings }) {
      const { id } = await created(store);
      await target.faults?.corrupt?.(settings, id);
      const first = ending(await outcomeOf(() => store.load(id)));
      expectEqual(ending(await outcomeOf(() => store.load(id))), first, 'how the second load of a corrupt record ends');
      await outcomeOf(() => store.create(id, draftOf()));
      expectEqual(ending(await outcomeOf(() => store.load(id))), first, 'how load ends after a create');
    },
  },
  {
    id: '11.10',
    level: 'MUST',
    title:
      'What cannot be read as a record is not absent: create does not win, and no other call ends in false or gone',
    intent: 'A session whose record is spoilt is a failure to be looked into, not a session that ended.',
    since: '0.1.0',
    requires: ['faults.corrupt'],
    async check({ store, target, settings }) {
      const { id, record } = await created(store);
      await target.faults?.corrupt?.(settings, id);
      const creating = await outcomeOf(() => store.create(id, draftOf()));
      if ('resolved' in creating) expectNone(creating.resolved, 'create with the id of a corrupt record');
      const touching = await outcomeOf(() => store.touch(id, record.expiresAt + 60_000));
      if ('resolved' in touching) expectEqual(touching.resolved, true, 'touch of a corrupt record');
      const updating = await outcomeOf(() => store.update(id, record, draftOf()));
      if ('resolved' in updating) expectUpdated(updating.resolved, 'an update of a corrupt record');
    },
  },
  {
    id: '11.11',
    level: 'MUST',
    title: 'A StoreError says by retryable whether the same call may succeed later, and too much data never will',
    intent: 'Callers retry by this flag alone; what can never succeed would be tried for ever.',
    since: '0.1.0',
    async check({ store, capabilities }) {
      const data = 'x'.repeat(capabilities.maxDataBytes + 1);
      const outcome = await outcomeOf(() => store.create(newId(), draftOf({ data })));
      if ('resolved' in outcome) return;
      expectEqual((outcome.rejected as { retryable?: unknown }).retryable, false, 'retryable of STORE_TOO_LARGE');
    },
  },
  {
    id: '11.12',
    level: 'MUST',
    title: 'STORE_AMBIGUOUS is never retryable',
    intent: 'The write may have happened: whoever repeats it blindly does it twice.',
    since: '0.1.0',
    requires: ['faults.stall'],
    async check(context) {
      const store = await impatient(context);
      const { id, record } = await created(context.store);
      const outcome = await during('stall', context, () => outcomeOf(() => store.update(id, record, draftOf())));
      if (!('rejected' in outcome) || !isStoreError(outcome.rejected)) return;
      const { code, retryable } = outcome.rejected;
      if (code === 'STORE_AMBIGUOUS') expectEqual(retryable, false, 'retryable of STORE_AMBIGUOUS');
    },
  },
  {
    id: '11.13',
    level: 'untested',
    title: 'A write that was cut off by the death of its process happened whole or not at all',
    intent: 'Nobody ever sees half a session.',
    since: '0.1.0',
    reason: 'it takes a kill at every single step of a write, which is the business of a store’s own tests',
  },
];

function ending(outcome: Awaited<ReturnType<typeof outcomeOf>>): string {
  return 'rejected' in outcome ? String((outcome.rejected as { code?: unknown })?.code) : shown(outcome.resolved);
}
