import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { MemoryStore, Sessions } from '@stet/core';
import { listening } from '@stet/visitors';
import compression from 'compression';
import express, { type Express, type RequestHandler } from 'express';
import express4 from 'express4';
import helmet from 'helmet';
import httpProxy from 'http-proxy';
import morgan from 'morgan';
import onHeaders from 'on-headers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sessionMiddleware } from '../src/bindings/express.ts';
import { ask } from './support/held-server.ts';

const small = 'to be, or not to be '.repeat(200);
/** More than any buffer on the way holds, so that whoever writes it has to wait. */
const large = 'that is the question '.repeat(100_000);

const zipped = { headers: { 'accept-encoding': 'gzip' } };

/** Changes the session, so that the response waits for a save. */
const visit: RequestHandler = (request, _response, next) => {
  Object.assign(request.session.data, { visited: true });
  next();
};

const sessions = (): RequestHandler => sessionMiddleware(new Sessions({ store: new MemoryStore() })) as RequestHandler;

/** The order in which a site may put compression and its sessions. */
const orders: ReadonlyArray<readonly [name: string, wrappers: () => RequestHandler[]]> = [
  ['compression around the session', () => [compression(), sessions()]],
  ['compression within the session', () => [sessions(), compression()]],
  [
    'compression with a great buffer around the session',
    () => [compression({ highWaterMark: 1_000_000 } as object), sessions()],
  ],
];

describe.each([
  ['express 5', express],
  ['express 4', express4],
])('%s', (_, framework) => {
  function app(wrappers: readonly RequestHandler[]): Express {
    const server = framework();
    server.set('env', 'test');
    server.use(...wrappers, visit);
    return server;
  }

  describe.each(orders)('%s', (_order, wrappers) => {
    test.each([
      ['small', small],
      ['large', large],
    ])('a %s file arrives whole by sendFile, pipe and pipeline', async (_size, content) => {
      const folder = await mkdtemp(join(tmpdir(), 'stet-http-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      await writeFile(join(folder, 'play.txt'), content);
      const server = app(wrappers());
      server.get('/file', (_request, response) => response.sendFile(join(folder, 'play.txt')));
      server.get('/pipe', (_request, response) => void pieces(content).pipe(response.type('text')));
      server.get('/pipeline', (_request, response, next) => {
        pipeline(pieces(content), response.type('text')).catch(next);
      });
      const origin = await listening(server);
      for (const path of ['/file', '/pipe', '/pipeline']) {
        const response = await fetch(origin + path, zipped);
        expect(response.headers.get('content-encoding')).toBe('gzip');
        expect(response.headers.getSetCookie()).toHaveLength(1);
        expect((await response.text()) === content, path).toBe(true);
      }
    });

    test('an event that is flushed while the session is being saved arrives before the next one', async () => {
      const server = app(wrappers());
      const next = Promise.withResolvers<void>();
      server.get('/', async (_request, response) => {
        response.setHeader('Content-Type', 'text/event-stream');
        response.write('data: 1\n\n');
        response.flush();
        await next.promise;
        response.end('data: 2\n\n');
      });
      const response = await ask(await listening(server), zipped);
      const events = response.pipe(createGunzip());
      expect(String((await once(events, 'data'))[0])).toBe('data: 1\n\n');
      next.resolve();
      expect(await text(events)).toBe('data: 2\n\n');
    });
  });

  test('what the usual middleware sees and says is as without a session', async () => {
    const lines: string[] = [];
    const log = morgan(':method :status :res[content-length]', { stream: { write: (line) => lines.push(line) } });
    const stamp: RequestHandler = (_request, response, next) => {
      onHeaders(response, () => response.setHeader('X-Stamp', String(response.statusCode)));
      next();
    };
    const server = app([log, helmet(), stamp, sessions()]);
    server.get('/', (_request, response) => void response.status(201).type('text').send(small));
    const response = await fetch(await listening(server));
    expect([response.status, await response.text()]).toEqual([201, small]);
    expect(response.headers.get('x-stamp')).toBe('201');
    expect(response.headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(lines).toEqual([`GET 201 ${small.length}\n`]);
  });

  test.each([
    ['small', small],
    ['large', large],
  ])('a proxy passes a %s response on, with its cookies and ours', async (_size, content) => {
    const upstream = createServer((_request, response) => {
      response.writeHead(203, { 'Content-Type': 'text/plain', 'Set-Cookie': ['theme=dark'] }).end(content);
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void upstream.close());
    const { port } = upstream.address() as { port: number };
    const proxy = httpProxy.createProxyServer({ target: `http://127.0.0.1:${port}` });
    for (const wrappers of [[sessions()], [compression(), sessions()], [sessions(), compression()]]) {
      const server = app(wrappers);
      server.use((request, response, next) => proxy.web(request, response, {}, next));
      const response = await fetch(await listening(server), zipped);
      expect(response.status).toBe(203);
      expect(response.headers.getSetCookie()).toEqual(['theme=dark', expect.stringMatching(/^__Host-sid=/)]);
      expect((await response.text()) === content).toBe(true);
    }
  });
});

/** As a file is read: not all at once, and each piece in a turn of its own. */
function pieces(content: string): Readable {
  const size = 1_000;
  const all = Array.from({ length: Math.ceil(content.length / size) }, (_, n) =>
    content.slice(n * size, (n + 1) * size),
  );
  return Readable.from(all, { objectMode: false });
}
