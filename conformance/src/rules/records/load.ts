import { expectEqual, expectNone, expectRecord, expectSameRecord } from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { reached } from '../../run/waiting.ts';
import { created, draftOf, newId } from '../../samples/samples.ts';

export const loadRules: readonly Rule[] = [
  {
    id: '2.1',
    level: 'MUST',
    title: 'load of an id without a record resolves to null',
    intent: 'A forged or forgotten cookie is the most ordinary request there is, not an error.',
    since: '0.1.0',
    async check({ store }) {
      expectEqual(await store.load(newId()), null, 'load of an unused id');
    },
  },
  {
    id: '2.2',
    level: 'MUST',
    title: 'load creates nothing',
    intent: 'Guessing ids must not fill the store, nor take the ids of others.',
    since: '0.1.0',
    async check({ store }) {
      const id = newId();
      await store.load(id);
      await store.load(id);
      await store.create(id, draftOf({ data: '"new"' }));
      expectRecord(await store.load(id), { data: '"new"' }, 'the record created after two loads');
    },
  },
  {
    id: '2.3',
    level: 'MUST',
    title: 'load does not extend a record',
    intent: 'Only touch and update do: the idle timeout is the caller’s decision.',
    since: '0.1.0',
    waits: true,
    async check({ store, lifeMs, capabilities, inTime }) {
      const expiresAt = Date.now() + lifeMs;
      const { id, record } = await created(store, { expiresAt });
      const loaded = await store.load(id);
      await store.load(id);
      inTime(expiresAt);
      expectSameRecord(loaded, record, 'the record');
      await reached(expiresAt + capabilities.expiryGranularityMs);
      expectNone(await store.load(id), 'load after the expiry of a record that was loaded before');
    },
  },
  {
    id: '2.4',
    level: 'MUST',
    title: 'After a resolved write every later load sees it, from any store on the same data',
    intent: 'The redirect after a login is often served by another process.',
    since: '0.1.0',
    requires: ['shared'],
    async check({ store, open }) {
      const other = await open();
      const { id, record } = await created(store);
      expectSameRecord(await other.load(id), record, 'what another store loads after create');
      const result = await other.update(id, record, draftOf({ data: '"changed"' }));
      if (result.status === 'updated') {
        expectSameRecord(await store.load(id), result.record, 'what the first store loads after an update by another');
      }
      await store.delete(id);
      expectNone(await other.load(id), 'what another store loads after delete');
    },
  },
  {
    id: '2.5',
    level: 'MUST',
    title: 'A durable record is there when the store is opened again',
    intent: 'A deployment must not log everybody out.',
    since: '0.1.0',
    requires: ['durable'],
    async check({ store, open }) {
      const { id, record } = await created(store, { subject: 'user-7' });
      await store.close();
      expectSameRecord(await (await open()).load(id), record, 'the record after the store was opened again');
    },
  },
  {
    id: '2.6',
    level: 'untested',
    title: 'A durable record outlives a crash of the backend, and is never evicted to make room',
    intent: 'A store of record must not log anybody out by itself.',
    since: '0.1.0',
    reason: 'it takes a power cut, and a backend that is full',
  },
];
