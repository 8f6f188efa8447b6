import type { ClientState } from './connection.ts';
import type { MemcachedClient } from './memcached-client.ts';

/** Settings of the client that the store relies on: `new Memcached(servers, clientSettings)`. */
export interface ClientSettings {
  /** Tries to get a connection for a command. With more than none, commands are sent long after the caller has left. */
  readonly retries: number;
  /** For how many milliseconds the client talks to no server that had an issue; one `SERVER_ERROR` is an issue. */
  readonly retry: number;
  /** After that many issues the client gives a server up for hours. */
  readonly failures: number;
  /** Longest value that the client sends, in bytes. */
  readonly maxValue: number;
  /** A server that fails would be taken out of the ring, and sessions would be looked for where they are not. */
  readonly remove: boolean;
  /** Connections that may be opened to one server at once. */
  readonly poolSize: number;
  /** How long opening a connection may take, in milliseconds. */
  readonly timeout: number;
  /** How long an unused connection is kept, in milliseconds. */
  readonly idle: number;
  /**
   * When a server with issues at the same moment is pinged, in milliseconds: by a child process, so as late as a timer
   * can be.
   */
  readonly reconnect: number;
}

export const clientSettings: ClientSettings = Object.freeze({
  retries: 0,
  retry: 100,
  failures: Number.MAX_SAFE_INTEGER,
  maxValue: 1_048_576,
  remove: false,
  poolSize: 50,
  timeout: 2_000,
  idle: 60_000,
  reconnect: 2 ** 31 - 1,
});

type Given = Partial<ClientSettings & ClientState> & {
  readonly redundancy?: unknown;
  readonly failOverServers?: readonly string[];
  readonly namespace?: string;
};

/** Throws a `TypeError` unless the client can keep the store's promises for values of so many bytes. */
export function assertClient(client: MemcachedClient, longestValue: number): void {
  const given = client as unknown as Given;
  const demand = (holds: boolean, problem: string): void => {
    if (!holds) throw new TypeError(`${problem} Make the client with the clientSettings of @stet/memcached.`);
  };
  demand(
    typeof given === 'object' &&
      given !== null &&
      ['servers', 'HashRing', 'connections'].every((part) => part in given),
    'client is fromMemcache(client) for a client of the npm package memcache, or a client of memcached 2.2.',
  );
  demand(given.retries === 0, 'The client must have retries: 0, or commands are sent long after their deadline.');
  demand(
    Number(given.retry) <= 1_000,
    'The client must have a retry of at most 1000 ms, or one refused value takes a server away for longer.',
  );
  demand(
    Number.isSafeInteger(given.failures) && Number(given.failures) >= 2 ** 31,
    'The client must have failures: Number.MAX_SAFE_INTEGER, or it gives a server up for hours.',
  );
  demand(
    !given.remove && !given.failOverServers?.length && !given.redundancy,
    'The client must not have remove, failOverServers or redundancy, or sessions are read where they are not written.',
  );
  demand(!given.namespace, 'The client must not have a namespace; give the store a prefix.');
  demand(
    Number(given.maxValue) >= longestValue,
    `The client must have a maxValue of at least ${longestValue}, or maxDataBytes be less.`,
  );
}
