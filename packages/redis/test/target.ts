import { type ConformanceTarget, defineTarget, type Restore } from '@stet/conformance';
import type { Fault, FaultProxy } from '@stet/services';
import type { Cluster, Redis } from 'ioredis';
import { type RedisClient, RedisStore } from '../src/index.ts';

interface Backend {
  readonly name: string;
  readonly module: string;
  readonly client: RedisClient;
  /** A client for what the store does not do. */
  readonly admin: Redis | Cluster;
  /**
   * What stands between the client and its servers; nothing in a second process, and before a server that is not ours.
   */
  readonly proxies: readonly FaultProxy[];
  /** Resolves once the client has found its servers again, where that may take it longer than a call may last. */
  recovered?(): Promise<unknown>;
  stop(): Promise<void>;
}

const maxDataBytes = 65_536;

/** The settings that README.md recommends, with shorter pauses between attempts to connect. */
export const connection = {
  enableAutoPipelining: true,
  maxRetriesPerRequest: 0,
  retryStrategy: (times: number): number => Math.min(times * 20, 200),
};

/** The settings that README.md recommends for a cluster. */
export const clusterConnection = { retryDelayOnFailover: 0 };

/** The store on a backend, with the faults that proxies can make. */
export function redisTarget({ name, module, client, admin, proxies, recovered, stop }: Backend): ConformanceTarget {
  admin.on('error', () => {});
  const fault = (next: Fault) => async (): Promise<Restore> => {
    const all = (fault: Fault): Promise<unknown> => Promise.all(proxies.map((proxy) => proxy.set(fault)));
    await all(next);
    return async () => {
      await all('none');
      await recovered?.();
    };
  };
  return defineTarget({
    name,
    capabilities: {
      durable: true,
      shared: true,
      iterable: true,
      sweepable: false,
      bySubject: true,
      leasable: true,
      expiryGranularityMs: 1,
      maxDataBytes,
    },
    module,
    createStore: ({ namespace, timeoutMs, leaseMs }) =>
      new RedisStore({ client, prefix: `${namespace}:`, timeoutMs, leaseMs, maxDataBytes }),
    faults: {
      ...(proxies.length > 0 && {
        outage: fault('refuse'),
        stall: fault('stall'),
        loseReply: fault({ cutReplyAfter: 0 }),
      }),
      async corrupt({ namespace }, id) {
        const key = `${namespace}:${id}`;
        const value = await admin.getBuffer(key);
        await admin.set(key, value?.subarray(0, -1) ?? '', 'KEEPTTL');
      },
    },
    async close() {
      admin.disconnect();
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await stop();
    },
  });
}
