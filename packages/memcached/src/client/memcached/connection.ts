import type { Socket } from 'node:net';
import type { MemcachedClient } from './memcached-client.ts';

/** What `memcached` 2.2 keeps of its servers. It has no public way to tell a connection from the one after it. */
export interface ClientState {
  readonly servers: readonly string[];
  readonly HashRing: { get(key: string): string };
  readonly connections: Readonly<Record<string, { readonly pool: readonly Socket[] } | undefined>>;
}

/**
 * The open connection that the client will send its next command for the key over, or `undefined` where it has to open
 * one. The client takes the newest one of the pool.
 */
export function connectionFor(client: MemcachedClient, key: string): Socket | undefined {
  const { servers, HashRing, connections } = client as unknown as ClientState;
  const server = (servers.length === 1 ? servers[0] : HashRing.get(key)) as string;
  const socket = (connections[server] ?? connections[`${server}:11211`])?.pool.at(-1);
  return socket?.readyState === 'open' ? socket : undefined;
}
