import { execFile } from 'node:child_process';
import { chown } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { type ServerProcess, serverFolder, startServer } from './server-process.ts';
import { requireBinary } from './software.ts';

const run = promisify(execFile);

export const packages: readonly string[] = ['postgresql'];
export const binary = '/usr/lib/postgresql/*/bin/postgres';

export interface PostgresOptions {
  /** Settings as in postgresql.conf: `['max_connections=5']`. */
  readonly settings?: readonly string[];
  /** An instance that was killed, to be started again with its data, at its port. */
  readonly after?: PostgresServer;
}

export interface PostgresServer extends ServerProcess {
  readonly port: number;
  readonly url: string;
  readonly folder: string;
}

/** The server refuses to be run by root. */
const user = process.getuid?.() === 0 ? 'postgres' : undefined;

/** A PostgreSQL server of its own. What it has committed outlives its being killed, but not a power failure. */
export async function startPostgres({ settings = [], after }: PostgresOptions = {}): Promise<PostgresServer> {
  const command = requireBinary({ packages, binary });
  const port = after?.port ?? (await freePort());
  const folder = after?.folder ?? (await emptyCluster(dirname(command)));
  const all = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', ...settings];
  const server = await startServer({
    command,
    args: ['-D', join(folder, 'data'), ...all.flatMap((setting) => ['-c', setting])],
    folder,
    ...(user !== undefined && { user }),
    ready: () => run(join(dirname(command), 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]),
  });
  return { ...server, port, folder, url: `postgres://stet@127.0.0.1:${port}/postgres` };
}

async function emptyCluster(binaries: string): Promise<string> {
  const folder = await serverFolder('postgres');
  const args = ['-D', join(folder, 'data'), '-U', 'stet', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  const initdb = join(binaries, 'initdb');
  if (user === undefined) {
    await run(initdb, args);
  } else {
    const id = async (flag: string): Promise<number> => Number((await run('id', [flag, user])).stdout);
    await chown(folder, await id('-u'), await id('-g'));
    await run('setpriv', [`--reuid=${user}`, `--regid=${user}`, '--init-groups', initdb, ...args], { cwd: folder });
  }
  return folder;
}
