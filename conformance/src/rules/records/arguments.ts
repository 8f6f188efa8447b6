import { hasFacet, type SessionDraft, type SessionRecord, type SessionStore } from '@stet/core';
import {
  expect,
  expectEqual,
  expectRecord,
  expectSameRecord,
  expectUpdated,
  outcomeOf,
  shown,
} from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { created, draftOf, newId } from '../../samples/samples.ts';

type Calls = ReadonlyArray<readonly [name: string, call: () => unknown]>;

/** Calls with arguments that a store may stumble over before it has a promise to reject. */
function carelessCalls(store: SessionStore, id: string, record: SessionRecord): Calls {
  const nothing = undefined as never;
  const calls: Array<readonly [string, () => unknown]> = [
    ['load without an id', () => store.load(nothing)],
    ['create without a draft', () => store.create(newId(), nothing)],
    ['create with null for a draft', () => store.create(newId(), null as never)],
    ['update without a base', () => store.update(id, nothing, draftOf())],
    ['update without a draft', () => store.update(id, record, nothing)],
    ['touch without an expiry', () => store.touch(id, nothing)],
    ['delete without an id', () => store.delete(nothing)],
  ];
  if (hasFacet(store, 'bySubject')) calls.push(['bySubject without a subject', () => store.bySubject(nothing)]);
  if (hasFacet(store, 'leasable')) {
    calls.push(['loadOrLease without an id', () => store.loadOrLease(nothing)]);
    calls.push(['replaceIf without a record', () => store.replaceIf(id, 'token', nothing)]);
  }
  return calls;
}

/** A draft as a class of the application may be one: its parts are accessors. */
class Accessors implements SessionDraft {
  readonly #draft: SessionDraft;
  constructor(draft: SessionDraft) {
    this.#draft = draft;
  }
  get data(): string {
    return this.#draft.data;
  }
  get expiresAt(): number {
    return this.#draft.expiresAt;
  }
  get subject(): string {
    return String(this.#draft.subject);
  }
}

export const argumentRules: readonly Rule[] = [
  {
    id: '7.15',
    level: 'MUST',
    title: 'A call with missing arguments rejects with a TypeError: it neither throws nor resolves',
    intent: 'A caller that waits for a rejection does not catch what is thrown before there is a promise.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      for (const [name, call] of carelessCalls(store, id, record)) {
        let result: unknown;
        try {
          result = call();
        } catch (thrown) {
          expect(false, `${name} to reject`, () => `it threw ${shown(thrown)}`);
        }
        const ending = await Promise.resolve(result).then(
          (value) => `it resolved to ${shown(value)}`,
          (error: unknown) => ((error as Error)?.name === 'TypeError' ? '' : `it rejected with ${shown(error)}`),
        );
        expectEqual(ending, '', `how ${name} ends, other than by a TypeError,`);
      }
      expectSameRecord(await store.load(id), record, 'the record after calls with missing arguments');
    },
  },
  {
    id: '7.16',
    level: 'MUST',
    title: 'Frozen drafts and bases, and drafts whose parts are accessors, are as good as any',
    intent: 'A store that notes something on an argument, or copies its own properties only, fails for some callers.',
    since: '0.1.0',
    async check({ store }) {
      const id = newId();
      const draft = draftOf({ subject: 'user-7' });
      const record = await store.create(id, new Accessors(draft));
      expectRecord(record, draft, 'what create of a draft with accessors resolves to');
      expectRecord(await store.load(id), draft, 'the record of a draft with accessors');
      const next = draftOf({ data: '"next"', subject: 'user-7' });
      const base = Object.freeze({ ...((await store.load(id)) as SessionRecord) });
      const updated = expectUpdated(await store.update(id, base, Object.freeze({ ...next })), 'an update');
      expectRecord(updated, next, 'what an update from frozen arguments resolves to');
      const bare = Object.assign(Object.create(null) as SessionDraft, next, { data: '"bare"' });
      expectUpdated(await store.update(id, updated, bare), 'an update with a draft without a prototype');
      expectEqual((await store.load(id))?.data, '"bare"', 'the data of a draft without a prototype');
    },
  },
  {
    id: '7.17',
    level: 'MUST',
    title: 'A part of a draft that is another one each time it is read is read once',
    intent: 'What was checked and what is stored must be the same value.',
    since: '0.1.0',
    async check({ store, capabilities }) {
      const id = newId();
      const { expiresAt } = draftOf();
      let readings = 0;
      const draft: SessionDraft = {
        expiresAt,
        get data() {
          readings += 1;
          return readings === 1 ? '"first"' : 'x'.repeat(capabilities.maxDataBytes + readings);
        },
      };
      const outcome = await outcomeOf(() => store.create(id, draft));
      expect('resolved' in outcome, 'create of a draft that changes to resolve', () => shown(outcome));
      expectRecord(outcome.resolved, { data: '"first"', expiresAt }, 'what create of a draft that changes resolves to');
      expectRecord(await store.load(id), { data: '"first"', expiresAt }, 'the record of a draft that changes');
    },
  },
];
