import { type FaultProxy, type MemcachedServer, startFaultProxy, startMemcached } from '@stet/services';
import Memcached from 'memcached';
import { clientSettings, MemcachedStore, type MemcachedStoreOptions } from '../src/index.ts';

/** A server behind a proxy, and clients of both. */
export interface OneServer {
  readonly server: MemcachedServer;
  readonly proxy: FaultProxy;
  /** A store that goes through the proxy, on a client that all of them share. */
  store(options?: Partial<MemcachedStoreOptions>): MemcachedStore;
  /** A store that goes past the proxy. */
  directStore(options?: Partial<MemcachedStoreOptions>): MemcachedStore;
  readonly client: Memcached;
  stop(): Promise<void>;
}

export async function startOneServer(args: readonly string[] = []): Promise<OneServer> {
  const server = await startMemcached({ args });
  const proxy = await startFaultProxy(server.port);
  const client = new Memcached(`127.0.0.1:${proxy.port}`, clientSettings);
  const direct = new Memcached(server.address, clientSettings);
  return {
    server,
    proxy,
    client,
    store: (options) => new MemcachedStore({ client, ...options }),
    directStore: (options) => new MemcachedStore({ client: direct, ...options }),
    async stop() {
      client.end();
      direct.end();
      await proxy.close();
      await server.stop();
    },
  };
}

/** What a command of a client answers; for what the store does not do itself. */
export function answered<T>(send: (callback: (error: unknown, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    send((error, value) => (error ? reject(error) : resolve(value)));
  });
}
