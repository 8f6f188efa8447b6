import { once } from 'node:events';
import { request as send } from 'node:http';
import { connect, createServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { type AddressInfo, createConnection } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { MemoryStore, Sessions, StoreError } from '@stet/core';
import { Gate, interceptedStore, listening } from '@stet/visitors';
import { describe, expect, onTestFinished, test } from 'vitest';
import { withSession } from '../src/bindings/node.ts';
import { heldServer } from './support/held-server.ts';

const large = 'x'.repeat(1_000_000);

describe('HTTP/2', () => {
  /** A site of Node.js' own HTTP/2 server, asked once. */
  async function answered(store = new MemoryStore() as ConstructorParameters<typeof Sessions>[0]['store']) {
    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on('warning', warned);
    onTestFinished(() => void process.off('warning', warned));
    const listener = withSession(new Sessions({ store }), {}, async (_request, response, session) => {
      session.data.visited = true;
      response.writeHead(201, { 'Content-Type': 'text/plain' });
      await pipeline(Readable.from([large, 'end']), response).catch(() => {});
    }) as unknown as (request: Http2ServerRequest, response: Http2ServerResponse) => Promise<void>;
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => {
      client.destroy();
      server.close();
    });
    const stream = client.request({ ':path': '/' });
    const [headers] = await once(stream, 'response');
    const body = await text(stream);
    await new Promise((resolve) => setImmediate(resolve)); // by then a warning is out
    return { headers, body, warnings };
  }

  test('a response waits for its session, and nobody is warned', async () => {
    const { headers, body, warnings } = await answered();
    expect(headers).toMatchObject({
      ':status': 201,
      'content-type': 'text/plain',
      'set-cookie': [expect.stringMatching(/^__Host-sid=/)],
    });
    expect(body === `${large}end`).toBe(true);
    expect(warnings).toEqual([]);
  });

  test('a save that fails takes the place of the response, and nobody is warned', async () => {
    const store = interceptedStore(new MemoryStore(), (operation) => {
      if (operation === 'create') throw new StoreError('STORE_UNAVAILABLE', '…');
    });
    const { headers, body, warnings } = await answered(store);
    expect(headers[':status']).toBe(503);
    expect(body).toBe('Service Unavailable\n');
    expect(warnings).toEqual([]);
  });
});

test('a client that goes away while its response is held ends what was streamed to it, and the session is saved', async () => {
  const gate = new Gate();
  const store = interceptedStore(new MemoryStore(), (operation) => (operation === 'create' ? gate.pass() : undefined));
  const sessions = new Sessions({ store });
  const source = Readable.from(
    (function* () {
      for (;;) yield large;
    })(),
  );
  const ended = Promise.withResolvers<unknown>();
  const saved = Promise.withResolvers<unknown>();
  const origin = await listening(
    withSession(sessions, {}, async (_request, response, session) => {
      session.data.visited = true;
      await pipeline(source, response).catch(ended.resolve);
      gate.open();
      await session.save();
      saved.resolve(session.isNew);
    }),
  );
  const request = send(origin, { agent: false }).end();
  request.on('error', () => {});
  await gate.reached;
  request.destroy();
  expect(await ended.promise).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
  expect(source.destroyed).toBe(true);
  expect(await saved.promise).toBe(false);
});

test('pipelined requests are answered in their order, also where a later one is ready first', async () => {
  const second = Promise.withResolvers<void>();
  const { origin, gate } = await heldServer((response, { url }) => {
    response.write(`${url},`);
    response.end('end');
    if (url === '/2') second.resolve();
  });
  const socket = createConnection(Number(new URL(origin).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write(['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(''));
  await second.promise;
  gate.open();
  let received = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    received += chunk;
    if (received.split('\r\n0\r\n').length === 4) socket.end();
  });
  await once(socket, 'close');
  expect([...received.matchAll(/\/\d,/g)].map(String)).toEqual(['/1,', '/2,', '/3,']);
  expect(received.match(/^Set-Cookie: sid=/gm)).toHaveLength(3);
});
