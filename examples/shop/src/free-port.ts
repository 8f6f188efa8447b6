import { once } from 'node:events';
import { createServer } from 'node:net';

const tries = 20;

/** The wanted port or, where that is taken, the next one that is free. */
export async function freePort(host: string, wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + tries; port += 1) {
    const found = await tryPort(host, port);
    if (found !== null) return found;
  }
  throw new Error(`The ports ${wanted} to ${wanted + tries - 1} are all taken: set PORT to one that is free.`);
}

async function tryPort(host: string, port: number): Promise<number | null> {
  const server = createServer();
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return null;
    throw error;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : port;
}
