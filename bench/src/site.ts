import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Contestant } from './contestants.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
  /** The session cookie that the response set, as a `Cookie` header. */
  readonly cookie: string | undefined;
}

export interface Site {
  /** Sends a request with a visitor's cookie. */
  get(path: string, cookie?: string): Promise<Answer>;
  close(): Promise<void>;
}

/**
 * A site on one session library, over real HTTP. `pause` is awaited by the handler of `/put-slowly/:key`, when its
 * session has been loaded and before it is changed.
 */
export async function openSite(contestant: Contestant, pause: () => Promise<void> = async () => {}): Promise<Site> {
  const app = express();
  app.use(contestant.middleware);
  app.get('/put/:key', (request, response) => {
    contestant.put(request, request.params.key);
    response.send('put');
  });
  app.get('/put-slowly/:key', async (request, response) => {
    await pause();
    contestant.put(request, request.params.key);
    response.send('put');
  });
  app.get('/log-out', async (request, response) => {
    await contestant.logOut(request);
    response.send('out');
  });
  app.get('/keys', (request, response) => {
    response.json(contestant.keys(request));
  });
  app.use((error: { status?: number }, _request: Request, response: Response, _next: NextFunction) => {
    response.status(error.status ?? 500).send('failed');
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    async get(path, cookie = '') {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie } });
      const [set] = response.headers.getSetCookie();
      return { status: response.status, body: await response.text(), cookie: set?.split(';', 1)[0] };
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
