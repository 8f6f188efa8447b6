import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStore, Sessions, StoreError } from '@stet/core';
import { interceptedStore, listening } from '@stet/visitors';
import compression from 'compression';
import express, { type Express, type RequestHandler } from 'express';
import express4 from 'express4';
import onHeaders from 'on-headers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sessionMiddleware } from '../src/bindings/express.ts';

const text = 'to be, or not to be '.repeat(1_000);

/** Changes the session, so that each response waits for a save. */
const visit: RequestHandler = (request, _response, next) => {
  Object.assign(request.session.data, { visited: true });
  next();
};

function sessions({ failing = false } = {}): Sessions {
  return new Sessions({
    store: interceptedStore(new MemoryStore(), (operation) => {
      if (failing && operation === 'create') throw new StoreError('STORE_UNAVAILABLE', '…');
    }),
  });
}

describe.each([
  ['express 5', express],
  ['express 4', express4],
])('%s', (_, framework) => {
  function app(...wrappers: RequestHandler[]): Express {
    const server = framework();
    server.set('env', 'test');
    server.use(...wrappers, visit);
    server.get('/send', (_request, response) => void response.type('text').send(text));
    server.get('/write', (_request, response) => {
      response.type('text').write(text.slice(0, 5_000));
      response.write(text.slice(5_000));
      response.end();
    });
    return server;
  }

  describe.each([
    ['around the session', [compression(), sessionMiddleware(sessions())]],
    ['within the session', [sessionMiddleware(sessions()), compression()]],
  ])('compression %s', (_place, wrappers) => {
    test.each(['/send', '/write'])('%s', async (path) => {
      const response = await fetch(`${await listening(app(...wrappers))}${path}`);
      expect(response.headers.get('content-encoding')).toBe('gzip');
      expect(response.headers.getSetCookie()).toHaveLength(1);
      expect(response.headers.get('vary')?.split(', ').toSorted()).toEqual(['Accept-Encoding', 'Cookie']);
      expect(await response.text()).toBe(text);
    });
  });

  describe.each([
    ['around the session', [compression(), sessionMiddleware(sessions({ failing: true }))]],
    ['within the session', [sessionMiddleware(sessions({ failing: true })), compression()]],
  ])('a failed save with compression %s', (_place, wrappers) => {
    test.each(['/send', '/write'])('%s', async (path) => {
      const response = await fetch(`${await listening(app(...wrappers))}${path}`);
      expect(response.status).toBe(503);
      expect(await response.text()).toContain('StoreError');
    });
  });

  test('on-headers listeners on both sides run once, and may set headers', async () => {
    const runs: string[] = [];
    const listen =
      (name: string): RequestHandler =>
      (_request, response, next) => {
        onHeaders(response, () => {
          runs.push(name);
          response.setHeader(`X-${name}`, '1');
        });
        next();
      };
    const server = app(listen('around'), sessionMiddleware(sessions()), listen('within'));
    const { headers } = await fetch(`${await listening(server)}/send`);
    expect(runs.toSorted()).toEqual(['around', 'within']);
    expect([headers.get('X-around'), headers.get('X-within')]).toEqual(['1', '1']);
  });

  test('a file is sent, and answers a conditional request', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stet-http-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'play.txt'), text);
    const server = app(sessionMiddleware(sessions()));
    server.use(framework.static(folder));
    const url = `${await listening(server)}/play.txt`;
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([200, text]);
    const again = await fetch(url, {
      headers: { 'if-none-match': response.headers.get('etag') ?? '', 'cache-control': 'max-age=0' },
    });
    expect([again.status, again.headers.getSetCookie().length]).toEqual([304, 1]);
    const range = await fetch(url, { headers: { range: 'bytes=0-4' } });
    expect([range.status, await range.text()]).toEqual([206, 'to be']);
  });

  test('an answer given twice is an error that leaves the first one whole', async () => {
    const server = app(sessionMiddleware(sessions()));
    let second: unknown;
    server.get('/twice', (_request, response) => {
      response.redirect('/send');
      try {
        response.send('again');
      } catch (error) {
        second = error;
      }
    });
    const response = await fetch(`${await listening(server)}/twice`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, '/send']);
    expect(second).toMatchObject({ code: 'ERR_HTTP_HEADERS_SENT' });
  });

  test('mounted twice is an error, not two sessions', async () => {
    const server = app(sessionMiddleware(sessions()), sessionMiddleware(sessions()));
    const response = await fetch(`${await listening(server)}/send`);
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('once');
  });
});
