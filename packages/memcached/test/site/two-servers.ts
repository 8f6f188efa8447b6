import { type FaultProxy, type MemcachedServer, startFaultProxy, startMemcached } from '@stet/services';

/** Two servers that share the sessions, each behind a proxy. */
export interface TwoServers {
  /** The servers themselves; none where they were given by STET_MEMCACHED_SERVERS. */
  readonly servers: readonly MemcachedServer[];
  readonly proxies: readonly FaultProxy[];
  /** Where clients connect: the proxies. */
  readonly addresses: readonly string[];
  stop(): Promise<void>;
}

/** Starts two servers, or stands in front of those that STET_MEMCACHED_SERVERS names (`host:port,host:port`). */
export async function startTwoServers(): Promise<TwoServers> {
  const given = process.env.STET_MEMCACHED_SERVERS;
  const servers = given ? [] : await Promise.all([startMemcached(), startMemcached()]);
  const behind = given ? given.split(',') : servers.map(({ address }) => address);
  const proxies = await Promise.all(
    behind.map((address) => {
      const [host, port] = address.split(':');
      return startFaultProxy(Number(port), host);
    }),
  );
  return {
    servers,
    proxies,
    addresses: proxies.map(({ port }) => `127.0.0.1:${port}`),
    async stop() {
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
