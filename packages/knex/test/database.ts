import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type FaultProxy, startFaultProxy, startMariaDb, startPostgres } from '@stet/services';

/** A database for tests. */
export interface TestDatabase {
  /** Past the proxy. */
  readonly url: string;
  stop(): Promise<void>;
}

/** A database on a server, with a proxy before it. */
export interface ServedDatabase extends TestDatabase {
  readonly proxy: FaultProxy;
  readonly proxyUrl: string;
}

export const startServed: Readonly<Record<'PostgreSQL' | 'MariaDB', () => Promise<ServedDatabase>>> = {
  PostgreSQL: () => behindProxy(process.env.STET_POSTGRES_URL, startPostgres),
  MariaDB: () => behindProxy(process.env.STET_MARIADB_URL, startMariaDb),
};

/** A file in a folder of its own, for SQLite. */
export async function makeFile(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'stet-sqlite-'));
  return {
    url: pathToFileURL(join(folder, 'sessions.db')).href,
    stop: () => rm(folder, { recursive: true, force: true }),
  };
}

async function behindProxy(given: string | undefined, start: () => Promise<TestDatabase>): Promise<ServedDatabase> {
  const server = given === undefined ? await start() : { url: given, stop: async () => {} };
  const { hostname, port } = new URL(server.url);
  const proxy = await startFaultProxy(Number(port), hostname);
  const proxyUrl = new URL(server.url);
  proxyUrl.host = `127.0.0.1:${proxy.port}`;
  return {
    url: server.url,
    proxy,
    proxyUrl: proxyUrl.href,
    async stop() {
      await proxy.close();
      await server.stop();
    },
  };
}
