import type { StoreCapabilities } from '@stet/core';
import { expect, expectEqual, expectNone, shown } from '../../expectation.ts';
import type { Rule } from '../../rule.ts';
import { created } from '../../samples/samples.ts';

const flags = ['durable', 'shared', 'iterable', 'sweepable', 'bySubject', 'leasable'] as const;
const amounts = ['expiryGranularityMs', 'maxDataBytes'] as const;
const names: ReadonlyArray<keyof StoreCapabilities> = [...flags, ...amounts];

export const manifestRules: readonly Rule[] = [
  {
    id: '0.1',
    level: 'MUST',
    title: 'The stores of two namespaces share nothing',
    intent: 'Every other rule begins with an empty store; on a shared one its result would mean nothing.',
    since: '0.1.0',
    async check({ store, settings, open }) {
      const { id } = await created(store);
      const other = await open({ namespace: `z${settings.namespace}` });
      expectNone(await other.load(id), 'a load from a namespace that was never used');
    },
  },
  {
    id: '0.2',
    level: 'MUST',
    title: 'The capabilities of the store are those that its target declares',
    intent: 'Rules are skipped by what the target declares; what users can see on the store must say the same.',
    since: '0.1.0',
    async check({ store, capabilities }) {
      for (const name of names) expectEqual(store.capabilities?.[name], capabilities[name], `capabilities.${name}`);
    },
  },
  {
    id: '0.3',
    level: 'MUST',
    title: 'The capabilities are plain data: six flags and two whole numbers above zero',
    intent: 'They are logged, compared and sent between processes.',
    since: '0.1.0',
    async check({ store }) {
      const plain = JSON.parse(JSON.stringify(store.capabilities ?? null)) as Record<string, unknown> | null;
      for (const name of flags) {
        expect(typeof plain?.[name] === 'boolean', `capabilities.${name} in JSON to be a boolean`, () =>
          shown(plain?.[name]),
        );
      }
      for (const name of amounts) {
        const amount = plain?.[name];
        expect(
          Number.isSafeInteger(amount) && (amount as number) > 0,
          `capabilities.${name} in JSON to be a whole number above zero`,
          () => shown(amount),
        );
      }
    },
  },
  {
    id: '0.4',
    level: 'MUST',
    title: 'The capabilities are the same for the life of the store',
    intent: 'Callers decide once, at start-up, how they use a store.',
    since: '0.1.0',
    async check({ store }) {
      const before = shown(store.capabilities);
      const { id } = await created(store);
      await store.load(id);
      await store.delete(id);
      expectEqual(shown(store.capabilities), before, 'capabilities after a few calls');
    },
  },
];
