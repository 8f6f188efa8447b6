import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { type ServerProcess, serverFolder, startServer } from './server-process.ts';
import { requireBinary } from './software.ts';

const run = promisify(execFile);

export const packages: readonly string[] = ['mariadb-server-core', 'mariadb-client-core'];
export const binary = 'mariadbd';

export interface MariaDbOptions {
  /** Settings as on the command line: `['--max-connections=5']`. */
  readonly args?: readonly string[];
  /** An instance that was killed, to be started again with its data, at its port. */
  readonly after?: MariaDbServer;
}

export interface MariaDbServer extends ServerProcess {
  readonly port: number;
  /** For an ordinary user, who may do everything in one database. */
  readonly url: string;
  /** For the user who may change the settings of the server. */
  readonly rootUrl: string;
  readonly folder: string;
}

const init = `CREATE DATABASE IF NOT EXISTS stet;
CREATE USER IF NOT EXISTS stet@'127.0.0.1';
GRANT ALL ON stet.* TO stet@'127.0.0.1';
`;

const small = ['--innodb-buffer-pool-size=32M', '--innodb-log-file-size=32M', '--innodb-flush-log-at-trx-commit=2'];

/** A MariaDB server of its own. What it has committed outlives its being killed, but not a power failure. */
export async function startMariaDb({ args = [], after }: MariaDbOptions = {}): Promise<MariaDbServer> {
  const command = requireBinary({ packages, binary });
  const port = after?.port ?? (await freePort());
  const folder = after?.folder ?? (await emptyDatabase());
  const network = ['--bind-address=127.0.0.1', `--port=${port}`, `--socket=${folder}/socket`, '--skip-name-resolve'];
  const files = [
    `--datadir=${folder}/data`,
    tmpdirIn(folder),
    `--pid-file=${folder}/pid`,
    `--init-file=${folder}/init.sql`,
  ];
  const server = await startServer({
    command,
    args: ['--no-defaults', ...asRoot, ...files, ...network, ...small, ...args],
    folder,
    ready: () => greeting(port),
  });
  const url = (user: string): string => `mysql://${user}@127.0.0.1:${port}/stet`;
  return { ...server, port, folder, url: url('stet'), rootUrl: url('root') };
}

/** Not the one that all share: a server that starts removes the temporary tables that it finds, its neighbour's too. */
const tmpdirIn = (folder: string): string => `--tmpdir=${folder}/tmp`;

/** Started by root, the server takes another user than root only from its own package. */
const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];

async function emptyDatabase(): Promise<string> {
  // The script calls it, but the package of the script does not depend on the one that has it.
  requireBinary({ packages, binary: 'my_print_defaults' });
  const folder = await serverFolder('mariadb');
  try {
    await mkdir(join(folder, 'tmp'));
    await writeFile(join(folder, 'init.sql'), init);
    const options = ['--skip-test-db', '--skip-name-resolve', '--auth-root-authentication-method=normal', ...asRoot];
    await run('mariadb-install-db', ['--no-defaults', `--datadir=${folder}/data`, tmpdirIn(folder), ...options]);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

/** The server speaks first, once it can be used. */
async function greeting(port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'data');
  } finally {
    socket.destroy();
  }
}
