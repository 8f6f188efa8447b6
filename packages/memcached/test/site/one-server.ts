import { askMemcached, type FaultProxy, type MemcachedServer, startFaultProxy, startMemcached } from '@stet/services';
import { MemcachedStore, type MemcachedStoreOptions } from '../../src/index.ts';
import { type ClientName, clients } from './clients.ts';

/** A server behind a proxy, and clients of both. */
export interface OneServer {
  readonly server: MemcachedServer;
  readonly proxy: FaultProxy;
  /** A store that goes through the proxy, on a client that all of them share. */
  store(options?: Partial<MemcachedStoreOptions>): MemcachedStore;
  /** A store that goes past the proxy. */
  directStore(options?: Partial<MemcachedStoreOptions>): MemcachedStore;
  /** Sends text to the server, past all clients, and resolves to what it answers. */
  tell(commands: string): Promise<string>;
  /** A number of the server's `stats`. */
  count(name: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startOneServer(clientName: ClientName, args: readonly string[] = []): Promise<OneServer> {
  const server = await startMemcached({ args });
  const proxy = await startFaultProxy(server.port);
  const open = clients[clientName];
  const [near, direct] = [open([`127.0.0.1:${proxy.port}`]), open([server.address])];
  const tell = (commands: string): Promise<string> => askMemcached(server.address, commands);
  return {
    server,
    proxy,
    store: (options) => new MemcachedStore({ client: near.client, ...options }),
    directStore: (options) => new MemcachedStore({ client: direct.client, ...options }),
    tell,
    async count(name) {
      const [, value] = new RegExp(`^STAT ${name} (\\d+)\r$`, 'm').exec(await tell('stats\r\n')) ?? [];
      return Number(value);
    },
    async stop() {
      near.end();
      direct.end();
      await proxy.close();
      await server.stop();
    },
  };
}

/** Puts a value under a key of a server, past all clients. */
export async function setPast(address: string, key: string, value: string): Promise<void> {
  const answer = await askMemcached(address, `set ${key} 0 60 ${Buffer.byteLength(value)}\r\n${value}\r\n`);
  if (answer !== 'STORED\r\n') throw new Error(`The server answered ${answer}`);
}
