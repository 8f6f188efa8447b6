import type { EventEmitter } from 'node:events';
import { Memcache } from 'memcache';
import Memcached from 'memcached';
import { clientSettings, fromMemcache, type MemcachedStoreOptions } from '../../src/index.ts';

/** A client as an application has it. */
export interface Client {
  /** As the store takes it. */
  readonly client: MemcachedStoreOptions['client'];
  /** How many connections are open. */
  connections(): number;
  end(): void;
}

/** Opens a client of some servers (`host:port`). Connections are opened at first use. */
export type OpenClient = (addresses: readonly string[]) => Client;

const openMemcache: OpenClient = (addresses) => {
  const client = new Memcache({ nodes: [...addresses] });
  return {
    client: fromMemcache(client),
    connections: () => client.nodes.filter(({ socket }) => socket && !socket.closed).length,
    end: () => void client.disconnect(),
  };
};

const openMemcached: OpenClient = (addresses) => {
  const client = new Memcached([...addresses], clientSettings);
  const { connections } = client as unknown as { connections: Record<string, { pool: EventEmitter[] }> };
  return {
    client,
    connections: () => Object.values(connections).reduce((sum, { pool }) => sum + pool.length, 0),
    end: () => client.end(),
  };
};

/** The npm packages that the store works with. */
export type ClientName = 'memcache' | 'memcached';

export const clients: Readonly<Record<ClientName, OpenClient>> = { memcache: openMemcache, memcached: openMemcached };

export const clientNames: readonly ClientName[] = ['memcache', 'memcached'];
