import type { RequestListener } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Serves a fetch handler with `node:http`, as a runtime would. A handler that rejects is a bare 500. */
export function fetchListener(handler: (request: Request) => Promise<Response>): RequestListener {
  return async (incoming, outgoing) => {
    const headers = new Headers();
    for (let n = 0; n < incoming.rawHeaders.length; n += 2) {
      headers.append(incoming.rawHeaders[n] ?? '', incoming.rawHeaders[n + 1] ?? '');
    }
    const request = new Request(`http://localhost${incoming.url}`, { method: incoming.method ?? 'GET', headers });
    try {
      const { status, headers: answered, body } = await handler(request);
      outgoing.setHeaders(answered);
      outgoing.writeHead(status);
      if (body) await pipeline(Readable.fromWeb(body), outgoing);
      else outgoing.end();
    } catch {
      if (!outgoing.headersSent) outgoing.writeHead(500).end();
    }
  };
}
