import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { freePort } from './free-port.ts';
import { type ServerProcess, serverFolder, startServer } from './server-process.ts';
import { requireBinary } from './software.ts';

export const packages: readonly string[] = ['memcached'];
export const binary = 'memcached';

export interface MemcachedOptions {
  /** Where to listen. Default: a free port. */
  readonly port?: number;
  /** Settings as on the command line: `['-m', '64']`. */
  readonly args?: readonly string[];
}

export interface MemcachedServer extends ServerProcess {
  readonly port: number;
  /** As the clients of Memcached write it: `127.0.0.1:11211`. */
  readonly address: string;
}

/** A Memcached server of its own. */
export async function startMemcached({ port, args = [] }: MemcachedOptions = {}): Promise<MemcachedServer> {
  const listensOn = port ?? (await freePort());
  const asUser = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const server = await startServer({
    command: requireBinary({ packages, binary }),
    args: ['-l', '127.0.0.1', '-p', String(listensOn), '-U', '0', '-m', '64', ...asUser, ...args],
    folder: await serverFolder('memcached'),
    // Whether it speaks TLS or not.
    ready: () => accepted(listensOn),
  });
  return { ...server, port: listensOn, address: `127.0.0.1:${listensOn}` };
}

async function accepted(port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

/** All that a server answers to commands, which have their line ends. */
export async function askMemcached(address: string, commands: string): Promise<string> {
  const [host, port] = address.split(':');
  const socket = connect({ port: Number(port), host });
  socket.end(commands);
  return text(socket);
}
