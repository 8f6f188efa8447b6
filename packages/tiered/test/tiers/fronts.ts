import { type FrontStore, MemoryStore } from '@stet/core';
import { clientSettings, MemcachedStore } from '@stet/memcached';
import { RedisStore } from '@stet/redis';
import { startMemcached, startRedis } from '@stet/services';
import { Redis } from 'ioredis';
import Memcached from 'memcached';
import { type Kind, startTier, type Tier } from './tier.ts';

export type FrontName = 'Memory' | 'Redis' | 'Memcached';
export type FrontTier = Tier<FrontStore>;

/** A front may take less than its back: what is larger is served by the back alone. */
const lessDataBytes = 16_384;

export const frontKinds: Readonly<Record<FrontName, Kind<FrontStore>>> = {
  /** Each store is one of its own, as in each process of a site. */
  Memory: {
    isShared: false,
    start: async () => ({ url: 'memory:', stop: async () => {} }),
    connect: () => ({
      open: async (settings) => new MemoryStore({ ...settings, maxDataBytes: lessDataBytes }),
      close: async () => {},
    }),
  },
  Redis: {
    isShared: true,
    start: startRedis,
    connect(url) {
      const retryStrategy = (times: number): number => Math.min(times * 20, 200);
      const client = new Redis(url, { enableAutoPipelining: true, maxRetriesPerRequest: 0, retryStrategy });
      // Without a listener ioredis writes each refused connection to the console.
      client.on('error', () => {});
      return {
        open: async (settings) => new RedisStore({ client, prefix: `${settings.namespace}:`, ...settings }),
        spoil: async (namespace, id) => void (await client.set(`${namespace}:${id}`, 'garbage')),
        close: async () => client.disconnect(),
      };
    },
  },
  Memcached: {
    isShared: true,
    async start() {
      const { address, stop } = await startMemcached();
      return { url: `memcached://${address}`, stop };
    },
    connect(url) {
      const client = new Memcached(new URL(url).host, clientSettings);
      return {
        open: async (settings) =>
          new MemcachedStore({ client, prefix: `${settings.namespace}:`, ...settings, maxDataBytes: lessDataBytes }),
        close: async () => client.end(),
      };
    },
  },
};

export function startFront(name: FrontName): Promise<FrontTier> {
  return startTier(name, frontKinds[name]);
}
