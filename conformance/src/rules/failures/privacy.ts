import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { hasFacet, type SessionRecord, type SessionStore } from '@stet/core';
import { expect, outcomeOf } from '../../expectation.ts';
import { during } from '../../fault.ts';
import type { Rule, RuleContext } from '../../rule.ts';
import { becomesTrue, scaled, settlesWithin } from '../../run/waiting.ts';
import { type Canary, newCanary } from '../../samples/canary.ts';

/** What stores of stet tell about their work. */
const channels = [
  'stet:corrupt-record',
  'stet:tiered:hit',
  'stet:tiered:miss',
  'stet:tiered:busy',
  'stet:tiered:front-unreachable',
  'stet:tiered:stale-entry-repaired',
  'stet:tiered:invalidation-unconfirmed',
  'stet:migrating:moved',
  'stet:migrating:left-behind',
];

type Calls = ReadonlyArray<readonly [name: string, call: () => Promise<unknown>]>;

/** Every call that a store has, on the session of a canary. */
function callsOn(store: SessionStore, { id, draft }: Canary, base: SessionRecord): Calls {
  const calls: Array<[string, () => Promise<unknown>]> = [
    ['load', () => store.load(id)],
    ['create', () => store.create(id, draft)],
    ['update', () => store.update(id, base, draft)],
    ['touch', () => store.touch(id, draft.expiresAt + 60_000)],
  ];
  if (hasFacet(store, 'iterable')) calls.push(['entries', () => Array.fromAsync(store.entries())]);
  if (hasFacet(store, 'bySubject')) calls.push(['bySubject', () => store.bySubject(draft.subject)]);
  if (hasFacet(store, 'sweepable')) calls.push(['deleteExpired', () => store.deleteExpired()]);
  if (hasFacet(store, 'leasable')) {
    calls.push(['loadOrLease', () => store.loadOrLease(id)]);
    calls.push(['replaceIf', () => store.replaceIf(id, 'no such token', { ...base, ...draft })]);
  }
  return [...calls, ['delete', () => store.delete(id)]];
}

/** Arguments that are wrong in some part, and hold the canary in every other one. */
function wrongCalls(store: SessionStore, { id, draft }: Canary, base: SessionRecord): Calls {
  const wrongDrafts = {
    'ill-formed data': { ...draft, data: `${draft.data}\ud800` },
    'data that is no text': { ...draft, data: [draft.data] as unknown as string },
    'an expiry that is no number': { ...draft, expiresAt: draft.data as unknown as number },
    'a subject with U+0000': { ...draft, subject: `${draft.subject}\0` },
    'a subject that is too long': { ...draft, subject: draft.subject.repeat(30) },
  };
  return [
    ['load of a wrong id', () => store.load(id.toUpperCase())],
    ['load of a longer id', () => store.load(`${id}0`)],
    ['touch to no instant', () => store.touch(id, draft.data as unknown as number)],
    ...Object.entries(wrongDrafts).flatMap(
      ([what, wrong]): Calls => [
        [`create with ${what}`, () => store.create(id, wrong)],
        [`update with ${what}`, () => store.update(id, base, wrong)],
      ],
    ),
    ['update with a wrong base', () => store.update(id, draft.data as unknown as SessionRecord, draft)],
  ];
}

function impatient({ open }: RuleContext): Promise<SessionStore> {
  return open({ timeoutMs: scaled(300) });
}

/** The session of a new canary, once the store works. */
async function kept(store: SessionStore): Promise<{ readonly canary: Canary; readonly base: SessionRecord }> {
  const canary = newCanary();
  const create = async (): Promise<boolean> => {
    const outcome = await outcomeOf(() => store.create(canary.id, canary.draft));
    return 'resolved' in outcome;
  };
  await becomesTrue(create, scaled(5_000));
  return { canary, base: (await store.load(canary.id)) as SessionRecord };
}

async function expectSilent(canary: Canary, calls: Calls, when: string): Promise<void> {
  const endings = await Promise.all(
    calls.map(async ([, call]) => {
      const ending = outcomeOf(call);
      return (await settlesWithin(scaled(5_000), ending)) ? ending : undefined;
    }),
  );
  for (const [at, ending] of endings.entries()) {
    // That a call settles at all is the business of other rules.
    if (!ending || !('rejected' in ending)) continue;
    const found = canary.foundIn(ending.rejected);
    expect(found === undefined, `the error of ${calls[at]?.[0]} ${when} to hold nothing of the session`, () => {
      return `${found} (${(ending.rejected as Error).name})`;
    });
  }
}

/** Errors are logged, and sessions must not be. */
export const privacyRules: readonly Rule[] = [
  {
    id: '11.14',
    level: 'MUST',
    title: 'No error holds data, a subject or an id of a session: not in its message, its causes or any property',
    intent: 'Errors are written to logs, and logs are read by more people than sessions are.',
    since: '0.1.0',
    async check(context) {
      const { store, target, settings, capabilities } = context;
      const { canary, base } = await kept(store);
      await expectSilent(canary, wrongCalls(store, canary, base), 'with a wrong argument');
      const tooLarge = {
        ...canary.draft,
        data: canary.draft.data.padEnd(capabilities.maxDataBytes + 1, canary.draft.data),
      };
      const large: Calls = [
        ['create', () => store.create(canary.id, tooLarge)],
        ['update', () => store.update(canary.id, base, tooLarge)],
      ];
      await expectSilent(canary, large, 'with too much data');
      for (const fault of ['outage', 'stall', 'loseReply'] as const) {
        if (!target.faults?.[fault]) continue;
        const faulty = await impatient(context);
        const session = await kept(context.store);
        const calls = callsOn(faulty, session.canary, session.base);
        await during(fault, context, () => expectSilent(session.canary, calls, `during ${fault}`));
      }
      if (target.faults?.corrupt) {
        const session = await kept(store);
        await target.faults.corrupt(settings, session.canary.id);
        await expectSilent(session.canary, callsOn(store, session.canary, session.base), 'over a corrupt record');
      }
      await store.close();
      await expectSilent(canary, callsOn(store, canary, base), 'after close');
    },
  },
  {
    id: '11.15',
    level: 'MUST',
    title: 'No diagnostics channel is told data or a subject',
    intent: 'Who counts hits and misses must not be handed the sessions.',
    since: '0.1.0',
    async check(context) {
      const { target, settings } = context;
      const told: Array<readonly [channel: string, message: unknown]> = [];
      const listen = (message: unknown, channel: string | symbol): void => void told.push([String(channel), message]);
      for (const channel of channels) subscribe(channel, listen);
      try {
        const { canary, base } = await kept(context.store);
        const calls = callsOn(context.store, canary, base);
        for (const [, call] of calls) await outcomeOf(call);
        const spoilt = await kept(context.store);
        await target.faults?.corrupt?.(settings, spoilt.canary.id);
        for (const [, call] of callsOn(context.store, spoilt.canary, spoilt.base)) await outcomeOf(call);
        for (const [channel, message] of told) {
          const found = [canary, spoilt.canary].map((each) => each.foundIn(message, ['data', 'subject'])).find(Boolean);
          expect(found === undefined, `what ${channel} is told to hold no data and no subject`, () => String(found));
        }
      } finally {
        for (const channel of channels) unsubscribe(channel, listen);
      }
    },
  },
];
