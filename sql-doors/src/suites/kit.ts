import { type ConformanceTarget, defineTarget, type Faults, type Restore } from '@stet/conformance';
import type { Fault, FaultProxy } from '@stet/services';
import { adminOf } from '../databases/admin.ts';
import { makeFile, startServed } from '../databases/database.ts';
import type { DatabaseName, Door, Opened } from '../door.ts';

interface Backend {
  /** What the stores are over, opened when the first of them is. */
  open(): Promise<Opened>;
  /** Runs a statement past all faults. */
  run(text: string): Promise<unknown>;
  readonly faults: Omit<Faults, 'corrupt'>;
  stop(): Promise<void>;
}

const maxDataBytes = 65_536;

/** The stores of a door as the kit sees them, on each of its databases. The module exports what this gives. */
export function kitTargets(door: Door, module: string): Promise<ConformanceTarget[]> {
  return Promise.all(door.databases.map((name) => targetOn(door, name, module)));
}

async function targetOn(door: Door, database: DatabaseName, module: string): Promise<ConformanceTarget> {
  const { open, run, faults, stop } = await backendOf(door, database);
  return defineTarget({
    name: `${door.name} on ${database}`,
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
      const store = (await open()).store({ table: namespace, timeoutMs, leaseMs, maxDataBytes });
      await store.createTable();
      return store;
    },
    faults: {
      ...faults,
      async corrupt({ namespace }, id) {
        await run(`UPDATE ${namespace} SET revision = -1 WHERE id = '${id}'`);
      },
    },
    dispose: async (namespace) => void (await run(`DROP TABLE IF EXISTS ${namespace}`)),
    async close() {
      await (await open()).close();
      await stop();
    },
  });
}

async function backendOf(door: Door, database: DatabaseName): Promise<Backend> {
  // A second process inherits the environment, and so finds the same database.
  const variable = `STET_${door.name.toUpperCase()}_${database.toUpperCase()}`.replaceAll(/\W/g, '_');
  const given = process.env[variable];
  if (given !== undefined) {
    const open = opening(door, given);
    return { open, run: async (text) => (await open()).query(text), faults: {}, stop: async () => {} };
  }
  if (database === 'SQLite') {
    const { url, stop } = await makeFile();
    process.env[variable] = url;
    const open = opening(door, url);
    // Over the same connection: two copies of SQLite in one process do not see each other's locks.
    const run = async (text: string): Promise<unknown> => (await open()).query(text);
    return { open, run, faults: faultsOnFile(open, run), stop };
  }
  const { url, proxy, proxyUrl, stop } = await startServed[database]();
  process.env[variable] = url;
  const admin = adminOf(url);
  return {
    open: opening(door, proxyUrl),
    run: (text) => admin.raw(text),
    faults: faultsBy(proxy),
    async stop() {
      await admin.destroy();
      await stop();
    },
  };
}

function opening(door: Door, url: string): Backend['open'] {
  let opened: Promise<Opened> | undefined;
  return () => (opened ??= (async () => door.open(url))());
}

function faultsBy(proxy: FaultProxy): Omit<Faults, 'corrupt'> {
  const during = (fault: Fault) => async (): Promise<Restore> => {
    await proxy.set(fault);
    return () => proxy.set('none');
  };
  return {
    outage: during('refuse'),
    stall: during('stall'),
    loseReply: during({ cutReplyAfter: 0, to: /INSERT|UPDATE|DELETE/ }),
  };
}

function faultsOnFile(open: Backend['open'], run: Backend['run']): Omit<Faults, 'corrupt'> {
  return {
    async outage({ namespace }) {
      await run(`ALTER TABLE ${namespace} RENAME TO ${namespace}_away`);
      return async () => void (await run(`ALTER TABLE ${namespace}_away RENAME TO ${namespace}`));
    },
    /** The only connection is taken, and does not come back. */
    stall: async () => (await open()).hold(),
  };
}
