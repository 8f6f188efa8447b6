import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { onTestFinished } from 'vitest';
import { Visitor } from './visitor.ts';

/** Serves a fetch handler over real HTTP until the test is over; resolves to a visitor of it. A handler that rejects is answered with 500. */
export async function fetchSite(fetch: (request: Request) => Response | Promise<Response>): Promise<Visitor> {
  const listener = getRequestListener(fetch, { errorHandler: () => new Response(null, { status: 500 }) });
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return new Visitor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}
