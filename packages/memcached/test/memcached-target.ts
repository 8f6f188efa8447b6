import { setTimeout as sleep } from 'node:timers/promises';
import { type ConformanceTarget, defineTarget, type Restore } from '@stet/conformance';
import type { Fault } from '@stet/services';
import Memcached from 'memcached';
import type { ClientState } from '../src/connection.ts';
import { clientSettings, MemcachedStore } from '../src/index.ts';
import { startTwoServers, type TwoServers } from './two-servers.ts';

const maxDataBytes = 100_000;
let servers: TwoServers | undefined;
let client: Memcached | undefined;

/** Starts what the target runs on. A second process finds it by the environment. */
export async function startTarget(): Promise<void> {
  servers = await startTwoServers();
  process.env.STET_MEMCACHED_PROXIES = servers.addresses.join();
}

export async function stopTarget(): Promise<void> {
  client?.end();
  await servers?.stop();
}

function sharedClient(): Memcached {
  client ??= new Memcached(String(process.env.STET_MEMCACHED_PROXIES).split(','), clientSettings);
  return client;
}

async function inject(fault: Fault): Promise<Restore> {
  const set = async (next: Fault): Promise<void> => {
    await Promise.all(servers?.proxies.map((proxy) => proxy.set(next)) ?? []);
  };
  await set(fault);
  return () => set('none');
}

/** The backend is down once the client knows it: what it sends before goes into a connection that is closing. */
async function outage(): Promise<Restore> {
  const restore = await inject('refuse');
  const { connections } = sharedClient() as unknown as ClientState;
  while (Object.values(connections).some((server) => server?.pool.length)) await sleep(1);
  return restore;
}

export const target: ConformanceTarget = defineTarget({
  name: 'MemcachedStore',
  capabilities: {
    durable: false,
    shared: true,
    iterable: false,
    sweepable: false,
    bySubject: false,
    leasable: true,
    expiryGranularityMs: 1,
    maxDataBytes,
  },
  module: import.meta.url,
  createStore: ({ namespace, timeoutMs, leaseMs }) =>
    new MemcachedStore({ client: sharedClient(), prefix: `${namespace}:`, timeoutMs, leaseMs, maxDataBytes }),
  faults: {
    outage,
    stall: () => inject('stall'),
    loseReply: () => inject({ cutReplyAfter: 0, to: /^(add|cas|delete) / }),
    corrupt: ({ namespace }, id) =>
      new Promise((resolve, reject) => {
        sharedClient().set(`${namespace}:${id}`, 'stet1 00000000 record', 60, (error) =>
          error ? reject(error) : resolve(),
        );
      }),
  },
});
