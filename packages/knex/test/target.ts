import { type ConformanceTarget, defineTarget, type Faults } from '@stet/conformance';
import type { Knex } from 'knex';
import { KnexStore } from '../src/index.ts';

interface Backend {
  readonly name: string;
  readonly module: string;
  /** The stores' own. */
  readonly knex: Knex;
  /** For what the stores do not do, past all faults. */
  readonly admin: Knex;
  readonly faults: Omit<Faults, 'corrupt'>;
  stop(): Promise<void>;
}

const maxDataBytes = 65_536;

export function knexTarget({ name, module, knex, admin, faults, stop }: Backend): ConformanceTarget {
  return defineTarget({
    name,
    capabilities: {
      durable: true,
      shared: true,
      iterable: true,
      sweepable: true,
      bySubject: true,
      leasable: true,
      expiryGranularityMs: 1,
      maxDataBytes,
    },
    module,
    async createStore({ namespace, timeoutMs, leaseMs }) {
      const store = new KnexStore({ knex, table: namespace, timeoutMs, leaseMs, maxDataBytes });
      await store.createTable();
      return store;
    },
    faults: {
      ...faults,
      async corrupt({ namespace }, id) {
        await admin(namespace).where({ id }).update({ revision: -1 });
      },
    },
    dispose: (namespace) => admin.schema.dropTableIfExists(namespace),
    async close() {
      await knex.destroy();
      await admin.destroy();
      await stop();
    },
  });
}
