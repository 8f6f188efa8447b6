import type { Socket } from 'node:net';

/**
 * What the store uses of a node of a client of the npm package `memcache`: one server, and the one connection to it.
 */
export interface MemcacheNode {
  readonly socket: Socket | undefined;
  readonly hasSaslCredentials: boolean;
  isConnected(): boolean;
  reconnect(): Promise<void>;
  once(event: 'close', listener: () => void): unknown;
  /** Sends a command, and resolves to the line that answers it, or to the values that do. */
  command(
    command: string,
    options?: { readonly isMultiline?: boolean; readonly requestedKeys?: string[] },
  ): Promise<unknown>;
}

/** What the store uses of a client of the npm package `memcache`. */
export interface MemcacheClient {
  readonly nodes: readonly MemcacheNode[];
  readonly hash: { getNodesByKey(key: string): readonly MemcacheNode[] };
}
