import { hasFacet, isStoreError, type SessionStore, type StoreErrorCode } from '@stet/core';
import { expectCode, expectEqual, expectStoreError, outcomeOf, shown, violated } from '../../expectation.ts';
import { during } from '../../fault.ts';
import type { Rule, RuleContext } from '../../rule.ts';
import { scaled, settlesWithin } from '../../run/waiting.ts';
import { created, draftOf, newId } from '../../samples/samples.ts';
import { fromBehind, frontOf, tokenOf } from '../fronts/fronts.ts';

export interface Call {
  readonly name: string;
  readonly codes: readonly StoreErrorCode[];
  readonly run: () => Promise<unknown>;
}

const readCodes = ['STORE_UNAVAILABLE', 'STORE_TIMEOUT'] as const;
const writeCodes = ['STORE_UNAVAILABLE', 'STORE_AMBIGUOUS'] as const;
const faultTimeoutMs = 300;

/** One call of each facet, with the codes that it may fail by while there is no backend. */
export async function facetCallsOn(on: SessionStore, { store }: RuleContext): Promise<readonly Call[]> {
  const { id } = await created(store, { subject: 'user-7' });
  const calls: Call[] = [];
  if (hasFacet(on, 'iterable')) {
    const run = (): Promise<unknown> => on.entries()[Symbol.asyncIterator]().next();
    calls.push({ name: 'entries', codes: readCodes, run });
  }
  if (hasFacet(on, 'bySubject')) {
    calls.push({ name: 'bySubject', codes: readCodes, run: () => on.bySubject('user-7') });
  }
  if (hasFacet(on, 'sweepable')) {
    calls.push({ name: 'deleteExpired', codes: [...readCodes, ...writeCodes], run: () => on.deleteExpired() });
  }
  if (hasFacet(on, 'leasable')) {
    const codes = [...readCodes, ...writeCodes];
    calls.push({ name: 'loadOrLease of a record', codes, run: () => on.loadOrLease(id) });
    calls.push({ name: 'loadOrLease on a miss', codes, run: () => on.loadOrLease(newId()) });
    const token = await tokenOf(frontOf(store), id);
    calls.push({ name: 'replaceIf', codes: writeCodes, run: () => on.replaceIf(id, token, fromBehind()) });
  }
  return calls;
}

export function impatient({ open }: RuleContext): Promise<SessionStore> {
  return open({ timeoutMs: scaled(faultTimeoutMs) });
}

/** How each call ends; `undefined` for one that has not. */
export function endingsOf(
  calls: readonly Call[],
): Promise<ReadonlyArray<Awaited<ReturnType<typeof outcomeOf>> | undefined>> {
  return Promise.all(
    calls.map(async ({ run }) => {
      const ending = outcomeOf(run);
      return (await settlesWithin(scaled(4 * faultTimeoutMs), ending)) ? ending : undefined;
    }),
  );
}

/** Failures of the facets. */
export const facetFailureRules: readonly Rule[] = [
  {
    id: '11.16',
    level: 'MUST',
    title: 'While the backend is down every facet rejects with a StoreError: never with nothing, 0, busy or null',
    intent: 'A list of devices that is empty because the backend is down says that all is well.',
    since: '0.1.0',
    requires: ['faults.outage'],
    async check(context) {
      const store = await impatient(context);
      const calls = await facetCallsOn(store, context);
      await during('outage', context, async () => {
        for (const { name, codes, run } of calls)
          await expectStoreError(run, codes, `${name} while the backend is down`);
      });
    },
  },
  {
    id: '11.17',
    level: 'MUST',
    title:
      'While the backend does not answer every facet rejects within timeoutMs: never with nothing, 0, busy or null',
    intent: 'A listing that hangs holds up the job, and one that ends says that there are no sessions.',
    since: '0.1.0',
    requires: ['faults.stall'],
    async check(context) {
      const store = await impatient(context);
      const calls = await facetCallsOn(store, context);
      const endings = await during('stall', context, () => endingsOf(calls));
      for (const [at, { name, codes }] of calls.entries()) {
        const ending = endings[at];
        if (!ending) violated(`${name} to settle while the backend does not answer`, 'it has not');
        if ('resolved' in ending) violated(`${name} to reject while stalled`, shown(ending.resolved));
        expectCode(ending.rejected, codes, `${name} while stalled`);
      }
    },
  },
  {
    id: '11.18',
    level: 'MUST',
    title: 'retryable is false for every code but STORE_UNAVAILABLE and STORE_TIMEOUT',
    intent: 'Callers retry by this flag alone.',
    since: '0.1.0',
    async check(context) {
      const { target, settings, capabilities } = context;
      const errors: unknown[] = [];
      const collect = async (call: () => Promise<unknown>): Promise<void> => {
        const outcome = await outcomeOf(call);
        if ('rejected' in outcome) errors.push(outcome.rejected);
      };
      const { id, record } = await created(context.store);
      for (const fault of ['outage', 'stall'] as const) {
        if (!target.faults?.[fault]) continue;
        const store = await impatient(context);
        const calls = [
          () => store.load(id),
          () => store.touch(id, record.expiresAt + 1),
          () => store.create(newId(), draftOf()),
        ];
        await during(fault, context, () => Promise.all(calls.map(collect)));
      }
      const store = await context.open();
      await collect(() => store.update(id, record, draftOf({ data: 'x'.repeat(capabilities.maxDataBytes + 1) })));
      if (target.faults?.corrupt) {
        const spoilt = await created(context.store);
        await target.faults.corrupt(settings, spoilt.id);
        await collect(() => store.load(spoilt.id));
      }
      await store.close();
      await collect(() => store.load(id));
      for (const error of errors) {
        if (!isStoreError(error)) continue;
        const isWorth = error.code === 'STORE_UNAVAILABLE' || error.code === 'STORE_TIMEOUT';
        if (!isWorth) expectEqual(error.retryable, false, `retryable of ${error.code}`);
      }
    },
  },
];
