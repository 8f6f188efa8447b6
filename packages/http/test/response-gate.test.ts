import { once } from 'node:events';
import { Agent, request as send } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { MemoryStore, Sessions } from '@stet/core';
import { listening } from '@stet/visitors';
import { describe, expect, test } from 'vitest';
import { withSession } from '../src/bindings/node.ts';
import { gateResponse } from '../src/gate/response-gate.ts';
import { answer, ask, cookiePattern, heldServer } from './support/held-server.ts';

const ourCookie = expect.stringMatching(cookiePattern);

test('the session is saved once, however much is written meanwhile', async () => {
  const duties: unknown[] = [];
  const origin = await listening((_request, response) => {
    gateResponse(response, {
      beforeHead: async (status) => void duties.push(status),
      markHead: () => duties.push('mark'),
      onFailure: (error) => duties.push(error),
    });
    response.writeHead(201);
    response.write('one,');
    response.end('two');
  });
  expect(await text(await ask(origin))).toBe('one,two');
  expect(duties).toEqual([201, 'mark']);
});

describe('what a handler writes while its session is being saved', () => {
  test('arrives in order, with its callbacks', async () => {
    const called: string[] = [];
    const { body } = await answer((response) => {
      response.write('one,', () => called.push('one'));
      response.write('dHdvLA==', 'base64', () => called.push('two'));
      response.end('three', () => called.push('three'));
    });
    expect(body).toBe('one,two,three');
    expect(called).toEqual(['one', 'two', 'three']);
  });

  test('has the length that Node.js gives it', async () => {
    const { response, body } = await answer((res) => res.end('four'));
    expect(body).toBe('four');
    expect(response.headers['content-length']).toBe('4');
    expect(response.headers['transfer-encoding']).toBeUndefined();
  });

  test('goes on while there is room in the buffer, as without the delay', async () => {
    const seen: unknown[] = [];
    const { body } = await answer((response) => {
      response.on('drain', () => seen.push('drain'));
      // Whoever waits for drain hears it by the turn after the write, or never.
      seen.push(response.write('one,', () => setImmediate(() => response.end('two'))));
    });
    expect(seen).toEqual([true]);
    expect(body).toBe('one,two');
  });

  test('waits where there is no more room: write returns false, and drain follows', async () => {
    const seen: unknown[] = [];
    let most = 0;
    const { body } = await answer((response) => {
      response.on('drain', () => seen.push('drain'));
      most = response.writableHighWaterMark;
      seen.push(response.write('x'.repeat(most - 1)));
      seen.push(response.write('x', () => setImmediate(() => response.end('two'))));
    });
    expect(seen).toEqual([true, false, 'drain']);
    expect(body).toBe(`${'x'.repeat(most)}two`);
  });

  test('may be a stream larger than any buffer', async () => {
    const chunk = Buffer.alloc(65_536, 'x');
    const { body } = await answer((response) => pipeline(Readable.from(Array(80).fill(chunk)), response));
    expect(body.length).toBe(80 * 65_536);
  });

  test('may be piped by the old method', async () => {
    const { body } = await answer((response) => void Readable.from(['one,', 'two']).pipe(response));
    expect(body).toBe('one,two');
  });

  test('may go on after its head was flushed', async () => {
    const { origin, gate } = await heldServer(async (response) => {
      response.setHeader('Content-Type', 'text/event-stream');
      response.flushHeaders();
      response.write('data: 1\n\n');
      await next.promise;
      response.end('data: 2\n\n');
    });
    const next = Promise.withResolvers<void>();
    const answered = ask(origin);
    await gate.reached;
    gate.open();
    const response = await answered;
    expect(response.headers).toMatchObject({ 'content-type': 'text/event-stream', 'set-cookie': [ourCookie] });
    expect(String((await once(response, 'data'))[0])).toBe('data: 1\n\n');
    next.resolve();
    expect(await text(response)).toBe('data: 2\n\n');
  });

  test('may be nothing but a flushed head at first', async () => {
    const { origin, gate } = await heldServer(async (response) => {
      response.flushHeaders();
      await next.promise;
      response.end('late');
    });
    const next = Promise.withResolvers<void>();
    const answered = ask(origin);
    await gate.reached;
    gate.open();
    const response = await answered;
    expect(response.headers['set-cookie']).toEqual([ourCookie]);
    next.resolve();
    expect(await text(response)).toBe('late');
  });

  test.each([
    ['an object', { 'Content-Type': 'text/plain', 'Set-Cookie': ['a=1', 'b=2'] }],
    ['names and values in turn', ['Content-Type', 'text/plain', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']],
    [
      'pairs',
      [
        ['Content-Type', 'text/plain'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ],
    ],
  ])('keeps the headers of writeHead, given as %s', async (_, headers) => {
    const { response } = await answer((res) => {
      res.setHeader('Content-Type', 'text/html');
      res.writeHead(201, 'Made', headers as never).end();
    });
    expect([response.statusCode, response.statusMessage]).toEqual([201, 'Made']);
    expect(response.headers).toMatchObject({
      'content-type': 'text/plain',
      'set-cookie': ['a=1', 'b=2', ourCookie],
      'cache-control': 'no-store',
      vary: 'Cookie',
    });
  });

  test.each(['a=1', ['a=1', 'b=2']])('keeps cookies that were set before: %o', async (cookies) => {
    const { response } = await answer((res) => {
      res.setHeader('Set-Cookie', cookies);
      res.end();
    });
    expect(response.headers['set-cookie']).toEqual([...[cookies].flat(), ourCookie]);
  });

  test('keeps its own list of cookies to itself: no other visitor gets the token', async () => {
    const shared = ['a=1'];
    await answer((res) => {
      res.setHeader('Set-Cookie', shared);
      res.end();
    });
    expect(shared).toEqual(['a=1']);
  });

  test.each([
    ['Accept, Accept-Encoding', 'Accept, Accept-Encoding, Cookie'],
    ['accept, cookie', 'accept, cookie'],
    ['*', '*'],
    ['X-Cookie', 'X-Cookie, Cookie'],
  ])('keeps the Vary that was set: %s', async (vary, sent) => {
    const { response } = await answer((res) => res.writeHead(200, { Vary: vary }).end());
    expect(response.headers.vary).toBe(sent);
  });

  test.each([
    ['public, max-age=60', 'no-store'],
    ['private', 'no-store'],
    ['s-maxage=60, immutable', 'no-store'],
    ['private, no-store', 'private, no-store'],
    ['No-Store', 'No-Store'],
  ])('is for no cache, as it has a token, where Cache-Control is %s', async (given, sent) => {
    const { response } = await answer((res) =>
      res.writeHead(200, { 'Cache-Control': given, 'CDN-Cache-Control': 'max-age=60' }).end(),
    );
    expect(response.headers['cache-control']).toBe(sent);
    expect(response.headers['cdn-cache-control']).toBe('no-store');
    expect(response.headers['surrogate-control']).toBeUndefined();
  });

  test.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('may have no body: %s, %d', async (method, status) => {
    const { response, body } = await answer((res) => res.writeHead(status, { ETag: '"1"' }).end(), { method });
    expect([response.statusCode, body, response.headers.etag]).toEqual([status, '', '"1"']);
    expect(response.headers['set-cookie']).toEqual([ourCookie]);
    expect(response.headers['transfer-encoding']).toBeUndefined();
  });

  test('leaves the connection in order for the next request', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { origin, gate } = await heldServer((response, { url }) => {
      response.write(`${url},`);
      response.end('end');
    });
    gate.open();
    const bodies: string[] = [];
    const ports = new Set<number | undefined>();
    for (const path of ['/1', '/2', '/3']) {
      const response = await ask(`${origin}${path}`, { agent });
      ports.add(response.socket.localPort);
      bodies.push(await text(response));
    }
    agent.destroy();
    expect(bodies).toEqual(['/1,end', '/2,end', '/3,end']);
    expect(ports.size).toBe(1);
  });

  test('does not hold back interim responses', async () => {
    const { origin, gate } = await heldServer((response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.end('done');
    });
    const request = send(origin, { agent: false }).end();
    const answered = once(request, 'response');
    await once(request, 'information');
    await gate.reached;
    gate.open();
    expect(await text((await answered)[0])).toBe('done');
  });
});

test('where there is nothing to save, nothing is held back', async () => {
  const own: boolean[] = [];
  const origin = await listening(
    withSession(new Sessions({ store: new MemoryStore() }), {}, (_request, response, session) => {
      own.push(response.headersSent, session.isNew);
      response.write('one');
      own.push(response.headersSent, Object.hasOwn(response, 'headersSent'));
      response.end();
    }),
  );
  expect(await text(await ask(origin))).toBe('one');
  expect(own).toEqual([false, true, true, false]);
});
