import { setTimeout as sleep } from 'node:timers/promises';
import { type ConformanceTarget, defineTarget, type Restore } from '@stet/conformance';
import type { Fault } from '@stet/services';
import { MemcachedStore } from '../../src/index.ts';
import { type Client, type ClientName, clients } from '../site/clients.ts';
import { setPast } from '../site/one-server.ts';
import { startTwoServers, type TwoServers } from '../site/two-servers.ts';

export interface MemcachedTarget {
  readonly target: ConformanceTarget;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const maxDataBytes = 100_000;

/** The store on two servers, through one of the packages. A second process finds the servers by the environment. */
export function targetOf(clientName: ClientName, module: string): MemcachedTarget {
  let servers: TwoServers | undefined;
  let opened: Client | undefined;
  const addresses = (): string[] => String(process.env.STET_MEMCACHED_PROXIES).split(',');
  const client = (): Client => {
    opened ??= clients[clientName](addresses());
    return opened;
  };

  const inject = async (fault: Fault): Promise<Restore> => {
    const set = async (next: Fault): Promise<void> => {
      await Promise.all(servers?.proxies.map((proxy) => proxy.set(next)) ?? []);
    };
    await set(fault);
    return () => set('none');
  };

  return {
    async start() {
      servers = await startTwoServers();
      process.env.STET_MEMCACHED_PROXIES = servers.addresses.join();
    },
    async stop() {
      opened?.end();
      await servers?.stop();
    },
    target: defineTarget({
      name: `MemcachedStore (${clientName})`,
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
      module,
      createStore: ({ namespace, ...settings }) =>
        new MemcachedStore({ client: client().client, prefix: `${namespace}:`, maxDataBytes, ...settings }),
      faults: {
        /**
         * The backend is down once the client knows it: what it sends before goes into a connection that is closing.
         */
        async outage() {
          const restore = await inject('refuse');
          while (client().connections() > 0) await sleep(1);
          return restore;
        },
        stall: () => inject('stall'),
        loseReply: () => inject({ cutReplyAfter: 0, to: /^(add|cas|delete) / }),
        corrupt: async ({ namespace }, id) => {
          // The proxies are the servers' places in the client's ring; whichever has the key, the others do not mind.
          for (const address of addresses()) await setPast(address, `${namespace}:${id}`, 'stet1 00000000 record');
        },
      },
    }),
  };
}
