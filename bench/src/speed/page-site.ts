import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { contents } from './contents.ts';
import type { PageContender } from './page-contenders.ts';

/** A page that reads the session, and one that changes a key of it. Both answer with the number of changes so far. */
export const pages = ['/read', '/change'] as const;

export interface PageSite {
  readonly origin: string;
  close(): Promise<void>;
}

/** A site of those pages; `/begin` gives a visitor a session. */
export async function openPageSite({ middleware, data }: PageContender): Promise<PageSite> {
  const app = express().disable('x-powered-by').disable('etag').use(middleware);
  app.get('/begin', (request, response) => {
    Object.assign(data(request), contents());
    response.send('welcome');
  });
  app.get('/read', (request, response) => {
    response.json(data(request).changes);
  });
  app.get('/change', (request, response) => {
    const session = data(request);
    session.changes = Number(session.changes) + 1;
    response.json(session.changes);
  });
  // Visitors come back whenever it is the site's turn again: their connections are kept until then.
  const server = createServer({ keepAliveTimeout: 0 }, app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
