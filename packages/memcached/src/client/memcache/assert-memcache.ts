import type { MemcacheClient } from './memcache-client.ts';

/** Throws a `TypeError` unless the store can keep its promises over the client. */
export function assertMemcache(client: MemcacheClient): void {
  const given = client as Partial<MemcacheClient> & { readonly _autoDiscoverOptions?: { readonly enabled?: boolean } };
  const demand = (holds: boolean, problem: string): void => {
    if (!holds) throw new TypeError(problem);
  };
  demand(
    typeof given === 'object' &&
      given !== null &&
      Array.isArray(given.nodes) &&
      given.nodes.length > 0 &&
      given.nodes.every((node) => typeof node?.command === 'function' && typeof node.reconnect === 'function') &&
      typeof given.hash?.getNodesByKey === 'function',
    'client is a client of the npm package memcache 1.10 with at least one node.',
  );
  demand(
    client.hash.getNodesByKey('sess:').length === 1,
    'The client must have a hash that names one server for each key. BroadcastHash keeps each session on all servers.',
  );
  demand(
    !client.nodes.some((node) => node.hasSaslCredentials),
    'The client must not have sasl: the package then speaks the binary protocol, in which it cannot compare and set.',
  );
  demand(
    !given._autoDiscoverOptions?.enabled,
    'The client must not have autoDiscover: sessions would be looked for on servers that they were not written to.',
  );
}
