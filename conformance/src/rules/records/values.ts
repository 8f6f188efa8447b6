import { type FrontResult, hasFacet, type SessionDraft, type SessionRecord, type UpdateResult } from '@stet/core';
import {
  expect,
  expectEqual,
  expectNone,
  expectRecord,
  expectSameRecord,
  expectStoreError,
  expectTypeError,
  expectUpdated,
  outcomeOf,
  shown,
  violated,
  violationIn,
} from '../../expectation.ts';
import type { Rule, RuleContext } from '../../rule.ts';
import { codeLikeTexts, illFormedTexts, subjects, unicodeTexts, whitespaceTexts } from '../../samples/hostile-texts.ts';
import { created, draftOf, newId } from '../../samples/samples.ts';

/** Every text comes back as it was, through create and through update. */
async function expectKept({ store }: RuleContext, texts: readonly string[]): Promise<void> {
  await Promise.all(
    texts.map(async (data) => {
      const { id } = await created(store, { data });
      expectEqual((await store.load(id))?.data, data, 'the data after create');
      const changed = await created(store, { data: '""' });
      expectUpdated(await store.update(changed.id, changed.record, draftOf({ data })), 'the update');
      expectEqual((await store.load(changed.id))?.data, data, 'the data after update');
    }),
  );
}

/** A draft that is wrong is refused by create and by update, and neither changes anything. */
async function expectRefused({ store }: RuleContext, wrong: object, what: string): Promise<void> {
  const draft = { ...draftOf(), ...wrong } as SessionDraft;
  const id = newId();
  await expectTypeError(() => store.create(id, draft), `create with ${what}`);
  expectNone(await store.load(id), `load after a create with ${what}`);
  const { id: taken, record } = await created(store);
  await expectTypeError(() => store.update(taken, record, draft), `update with ${what}`);
  expectSameRecord(await store.load(taken), record, `the record after an update with ${what}`);
}

/** The record in what a call resolved to. */
function recordIn(result: UpdateResult | FrontResult): SessionRecord | null {
  if (result.status === 'conflict') return result.current;
  return 'record' in result ? result.record : null;
}

export const valueRules: readonly Rule[] = [
  {
    id: '7.1',
    level: 'MUST',
    title: 'Data that looks like code, markup or protocol comes back as it was',
    intent: 'Session data is partly written by visitors; to a store it is text and nothing else.',
    since: '0.1.0',
    check: (context) => expectKept(context, codeLikeTexts),
  },
  {
    id: '7.2',
    level: 'MUST',
    title: 'Data of any Unicode text comes back as it was: not cut, folded, normalised or replaced',
    intent: 'A database column with the wrong character set loses names and nobody hears of it.',
    since: '0.1.0',
    check: (context) => expectKept(context, unicodeTexts),
  },
  {
    id: '7.3',
    level: 'MUST',
    title: 'Empty data, and blanks and line ends around it, come back as they were',
    intent: 'Line protocols and text files trim and translate.',
    since: '0.1.0',
    check: (context) => expectKept(context, whitespaceTexts),
  },
  {
    id: '7.4',
    level: 'MUST',
    title: 'Data of exactly maxDataBytes bytes of UTF-8 is kept',
    intent: 'The announced limit is one that a caller can rely on, in bytes of what is sent.',
    since: '0.1.0',
    async check(context) {
      const { maxDataBytes } = context.capabilities;
      const wide = '€'.repeat(Math.floor(maxDataBytes / 3)) + 'x'.repeat(maxDataBytes % 3);
      const kept = await outcomeOf(() => expectKept(context, ['y'.repeat(maxDataBytes), wide]));
      if ('resolved' in kept) return;
      // A store that refuses breaks this rule as much as one that cuts.
      if (violationIn(kept.rejected)) throw kept.rejected;
      violated(`${maxDataBytes} bytes of data to be kept`, shown(kept.rejected));
    },
  },
  {
    id: '7.5',
    level: 'MUST',
    title: 'create with one byte more than maxDataBytes rejects with STORE_TOO_LARGE and writes nothing',
    intent: 'A session that is too large is one visitor’s problem: said aloud, and never stored in part.',
    since: '0.1.0',
    async check({ store, capabilities: { maxDataBytes } }) {
      for (const data of ['y'.repeat(maxDataBytes + 1), `é${'y'.repeat(maxDataBytes - 1)}`]) {
        const id = newId();
        await expectStoreError(() => store.create(id, draftOf({ data })), ['STORE_TOO_LARGE'], 'create');
        expectNone(await store.load(id), 'load after a create that was too large');
      }
    },
  },
  {
    id: '7.6',
    level: 'MUST',
    title: 'update with one byte more than maxDataBytes rejects with STORE_TOO_LARGE and leaves the old revision',
    intent: 'The visitor goes on with the session as it was.',
    since: '0.1.0',
    async check({ store, capabilities: { maxDataBytes } }) {
      for (const data of ['y'.repeat(maxDataBytes + 1), `é${'y'.repeat(maxDataBytes - 1)}`]) {
        const { id, record } = await created(store);
        await expectStoreError(() => store.update(id, record, draftOf({ data })), ['STORE_TOO_LARGE'], 'update');
        expectSameRecord(await store.load(id), record, 'the record after an update that was too large');
      }
    },
  },
  {
    id: '7.7',
    level: 'MUST',
    title: 'Data that is no well-formed text, or has U+0000, is a TypeError and changes nothing',
    intent: 'Backends replace or cut such text without a word, each in its own way.',
    since: '0.1.0',
    async check(context) {
      const wrong: readonly unknown[] = [...illFormedTexts, undefined, null, 7, {}, Buffer.from('text')];
      for (const data of wrong) await expectRefused(context, { data }, `data ${shown(data)}`);
    },
  },
  {
    id: '7.8',
    level: 'MUST',
    title: 'An expiresAt or createdAt that is no whole number of Unix milliseconds is a TypeError and changes nothing',
    intent: 'A NaN from a calculation must not become a session without an end.',
    since: '0.1.0',
    async check(context) {
      for (const instant of [Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, 2 ** 53, '1', null, new Date(), 1n]) {
        await expectRefused(context, { expiresAt: instant }, `expiresAt ${String(instant)}`);
        await expectRefused(context, { createdAt: instant }, `createdAt ${String(instant)}`);
      }
      await expectRefused(context, { expiresAt: undefined }, 'no expiresAt');
    },
  },
  {
    id: '7.9',
    level: 'MUST',
    title: 'touch to what is no whole number of Unix milliseconds is a TypeError and changes nothing',
    intent: 'A NaN from a calculation must not become a session without an end.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      for (const instant of [Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, 2 ** 53, '1', null, undefined]) {
        await expectTypeError(() => store.touch(id, instant as number), `touch to ${String(instant)}`);
      }
      expectSameRecord(await store.load(id), record, 'the record after touches to no instant');
    },
  },
  {
    id: '7.10',
    level: 'MUST',
    title: 'A subject that is not 1 to 255 bytes of well-formed text without U+0000 is a TypeError and changes nothing',
    intent: 'A subject that a backend cuts belongs to somebody else.',
    since: '0.1.0',
    async check(context) {
      for (const subject of ['', 'x'.repeat(256), 'é'.repeat(128), ...illFormedTexts, 7, null, {}]) {
        await expectRefused(context, { subject }, `subject ${shown(subject)}`);
      }
    },
  },
  {
    id: '7.11',
    level: 'MUST',
    title: 'A subject of any text of up to 255 bytes comes back as it was',
    intent: 'Subjects are user ids of other systems: mail addresses, names, URLs.',
    since: '0.1.0',
    async check({ store }) {
      for (const subject of subjects) {
        const { id } = await created(store, { subject });
        expectEqual((await store.load(id))?.subject, subject, 'the subject');
      }
    },
  },
  {
    id: '7.12',
    level: 'MUST',
    title: 'Changing a draft after the call changes nothing in the store',
    intent: 'Callers use one object again and again.',
    since: '0.1.0',
    async check({ store }) {
      const id = newId();
      const kept = draftOf({ subject: 'user-7' });
      const draft = { ...kept };
      const base = await store.create(id, draft);
      Object.assign(draft, { data: '"changed"', subject: 'intruder', expiresAt: kept.expiresAt + 1 });
      expectRecord(await store.load(id), kept, 'the record after its draft was changed');
      const next = { ...draftOf({ data: '"next"' }) };
      if (base) await store.update(id, base, next);
      Object.assign(next, { data: '"changed"' });
      expectEqual((await store.load(id))?.data, '"next"', 'the data after the draft of the update was changed');
    },
  },
  {
    id: '7.13',
    level: 'MUST',
    title: 'Changing a record that the store gave changes nothing in the store',
    intent: 'Two requests of one process must not see each other’s work in progress.',
    since: '0.1.0',
    async check({ store }) {
      const { id, record } = await created(store);
      const updated = expectUpdated(await store.update(id, record, draftOf({ data: '"second"' })), 'the update');
      await store.touch(id, record.expiresAt + 60_000);
      const ways: ReadonlyArray<() => Promise<SessionRecord | null>> = [
        async () => recordIn(await store.update(id, { ...record }, draftOf())),
        async () => (hasFacet(store, 'leasable') ? recordIn(await store.loadOrLease(id)) : null),
        () => store.load(id),
        async () => updated,
      ];
      const changes = { data: '"changed"', revision: 9, subject: 'intruder' };
      for (const way of ways) {
        const given = await way();
        // A frozen record refuses, which is as good.
        for (const [part, value] of Object.entries(changes)) Reflect.set(given ?? {}, part, value);
        const loaded = await store.load(id);
        expect(loaded !== null, 'the record to be there', () => shown(loaded));
        for (const part of ['data', 'revision', 'subject'] as const) {
          expect(
            loaded[part] !== changes[part],
            `the ${part} to be what it was before a given record was changed`,
            () => shown(loaded[part]),
          );
        }
      }
    },
  },
  {
    id: '7.14',
    level: 'MUST',
    title: 'A clock that gives fractions of a millisecond makes whole numbers, and records that can be read',
    intent: 'A clock made of performance.now() must not acknowledge a session that nobody can load again.',
    since: '0.1.0',
    requires: ['faults.clock'],
    async check({ openWithClock }) {
      let readings = 0;
      const store = await openWithClock(() => {
        readings += 1;
        return Date.now() + 0.7;
      });
      const { id, record } = await created(store, { subject: 'user-7' });
      expect(readings > 0, 'a store with a clock of its own to read it', () => 'it read no time from it');
      expect(Number.isSafeInteger(record.createdAt), 'createdAt to be a whole number', () => shown(record.createdAt));
      expectUpdated(await store.update(id, record, draftOf({ data: '"second"' })), 'the update');
      expectRecord(await store.load(id), { data: '"second"' }, 'the record after an update');
      await store.touch(id, record.expiresAt + 60_000);
      expectRecord(await store.load(id), { data: '"second"' }, 'the record after a touch');
      if (!hasFacet(store, 'leasable')) return;
      const hit = await store.loadOrLease(id);
      const storedAt = hit.status === 'hit' ? hit.storedAt : undefined;
      expect(Number.isSafeInteger(storedAt), 'storedAt of a hit to be a whole number', () => shown(storedAt));
    },
  },
];
