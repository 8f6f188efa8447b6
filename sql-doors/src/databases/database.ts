import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type FaultProxy,
  type MariaDbServer,
  type PostgresServer,
  startFaultProxy,
  startMariaDb,
  startPostgres,
} from '@stet/services';
import { adminOf } from './admin.ts';

/** A database for tests. */
export interface TestDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/** A database on a server, with a proxy before it. */
export interface ServedDatabase extends TestDatabase {
  readonly proxy: FaultProxy;
  readonly proxyUrl: string;
}

/** A database on a server of the tests' own. */
export interface OwnDatabase extends ServedDatabase {
  readonly pid: number;
  /** For the user who may change the settings of the server. */
  readonly rootUrl: string;
  kill(): void;
  /** After it was killed: at the same place, with what it had committed. */
  restart(): Promise<void>;
}

type Served = 'PostgreSQL' | 'MariaDB';

export const startOwn: Readonly<Record<Served, () => Promise<OwnDatabase>>> = {
  PostgreSQL: () => own<PostgresServer>(startPostgres, ({ url }) => url),
  MariaDB: () => own<MariaDbServer>(startMariaDb, ({ rootUrl }) => rootUrl),
};

/** A database on the server that the environment names, or else on one of the tests' own. */
export const startServed: Readonly<Record<Served, () => Promise<ServedDatabase>>> = {
  PostgreSQL: () => given(process.env.STET_POSTGRES_URL, startOwn.PostgreSQL),
  MariaDB: () => given(process.env.STET_MARIADB_URL, startOwn.MariaDB),
};

/** A file in a folder of its own, for SQLite. */
export async function makeFile(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'stet-sqlite-'));
  return {
    url: pathToFileURL(join(folder, 'sessions.db')).href,
    stop: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A database of each kind, for what has to be the same on all of them. */
export const startAny: Readonly<Record<Served | 'SQLite', () => Promise<TestDatabase>>> = {
  ...startServed,
  SQLite: makeFile,
};

/** A database of a name that nobody has, on a server that is somebody's. */
async function databaseOn(serverUrl: string): Promise<TestDatabase> {
  const admin = adminOf(serverUrl);
  const name = `stet_${randomBytes(8).toString('hex')}`;
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await admin.raw('CREATE DATABASE ??', [name]);
  return {
    url: url.href,
    async stop() {
      await admin.raw('DROP DATABASE ??', [name]);
      await admin.destroy();
    },
  };
}

async function given(serverUrl: string | undefined, start: () => Promise<ServedDatabase>): Promise<ServedDatabase> {
  return serverUrl === undefined ? start() : behindProxy(await databaseOn(serverUrl));
}

async function behindProxy({ url, stop }: TestDatabase): Promise<ServedDatabase> {
  const { hostname, port } = new URL(url);
  const proxy = await startFaultProxy(Number(port), hostname);
  const proxyUrl = new URL(url);
  proxyUrl.host = `127.0.0.1:${proxy.port}`;
  return {
    url,
    proxy,
    proxyUrl: proxyUrl.href,
    async stop() {
      await proxy.close();
      await stop();
    },
  };
}

async function own<S extends PostgresServer | MariaDbServer>(
  start: (options?: { after?: S }) => Promise<S>,
  rootUrlOf: (server: S) => string,
): Promise<OwnDatabase> {
  const servers = [await start()];
  const current = (): S => servers.at(-1) as S;
  const stopAll = async (): Promise<void> => void (await Promise.all(servers.map((server) => server.stop())));
  return {
    ...(await behindProxy({ url: current().url, stop: stopAll })),
    rootUrl: rootUrlOf(current()),
    get pid() {
      return current().pid;
    },
    kill: () => void process.kill(current().pid, 'SIGKILL'),
    async restart() {
      servers.push(await start({ after: current() }));
    },
  };
}
