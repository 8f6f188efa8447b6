import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { MemoryStore, Sessions, StoreError } from '@stet/core';
import { Gate, interceptedStore, listening } from '@stet/visitors';
import { describe, expect, test } from 'vitest';
import { withSession } from '../src/bindings/node.ts';
import { ask, cookiePattern, heldServer } from './support/held-server.ts';

const ourCookie = expect.stringMatching(cookiePattern);

describe('a save that fails', () => {
  const failure = new StoreError('STORE_UNAVAILABLE', '…');

  test('tells what had been written, and takes the place of all of it', async () => {
    const called: unknown[] = [];
    const { origin, gate } = await heldServer((response) => {
      response.statusCode = 201;
      response.statusMessage = 'Made';
      response.setHeader('Content-Length', '8');
      response.setHeader('Content-Security-Policy', "default-src 'self'");
      response.write('four', (error) => called.push(error));
      response.end('more', () => called.push('end'));
    }, failure);
    gate.open();
    const response = await ask(origin);
    expect([response.statusCode, response.statusMessage]).toEqual([503, 'Service Unavailable']);
    expect(response.headers['content-security-policy']).toBe("default-src 'self'");
    expect(await text(response)).toBe('Service Unavailable\n');
    expect(called).toEqual([failure, 'end']);
  });

  test('ends a stream that is on its way', async () => {
    const source = Readable.from(
      (function* () {
        for (;;) yield 'more and more';
      })(),
    );
    const ended = Promise.withResolvers<unknown>();
    const { origin, gate } = await heldServer(
      (response) =>
        pipeline(source, response)
          .then(
            () => 'finished',
            (error) => error,
          )
          .then(ended.resolve),
      failure,
    );
    gate.open();
    expect(await text(await ask(origin))).toBe('Service Unavailable\n');
    expect(await ended.promise).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
    expect(source.destroyed).toBe(true);
  });

  test('lets a handler that does not know yet go on to no effect', async () => {
    const done = Promise.withResolvers<unknown[]>();
    const { origin, gate } = await heldServer(async (response) => {
      response.flushHeaders();
      await once(response, 'finish');
      const told: unknown[] = [];
      told.push(response.write('late', (error) => told.push(error)));
      response.end('later', (error?: unknown) => {
        told.push(error);
        done.resolve(told);
      });
    }, failure);
    gate.open();
    expect(await text(await ask(origin))).toBe('Service Unavailable\n');
    expect(await done.promise).toEqual([false, failure, failure]);
  });

  test('of a HEAD request has no body', async () => {
    const { origin, gate } = await heldServer((response) => response.end('done'), failure);
    gate.open();
    const response = await ask(origin, { method: 'HEAD' });
    expect([response.statusCode, await text(response)]).toEqual([503, '']);
  });
});

test('a client that goes away before a save that fails: the failure is told, and nothing is thrown', async () => {
  const closed = Promise.withResolvers<void>();
  const gate = new Gate();
  const store = interceptedStore(new MemoryStore(), async (operation) => {
    if (operation !== 'create') return;
    await gate.pass();
    throw new StoreError('STORE_UNAVAILABLE', '…');
  });
  const told = Promise.withResolvers<unknown>();
  const onError = (error: unknown, _request: IncomingMessage, response: ServerResponse) => {
    told.resolve(error);
    response.end('too late');
  };
  const origin = await listening(
    withSession(new Sessions({ store }), { onError }, (_request, response, session) => {
      session.data.visited = true;
      response.on('close', closed.resolve);
      response.end('done');
    }),
  );
  const request = send(origin, { agent: false }).end();
  request.on('error', () => {});
  await gate.reached;
  request.destroy();
  await closed.promise;
  gate.open();
  expect(await told.promise).toMatchObject({ code: 'STORE_UNAVAILABLE' });
});

test('what cannot be sent, and comes after the head, is reported, and ends the connection', async () => {
  const told = Promise.withResolvers<unknown[]>();
  const origin = await listening(
    withSession(
      new Sessions({ store: new MemoryStore() }),
      { onError: (error, _request, response) => told.resolve([error, response.headersSent]) },
      (_request, response, session) => {
        session.data.visited = true;
        response.write('one');
        response.write(2 as never);
      },
    ),
  );
  await expect(ask(origin).then(text)).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(await told.promise).toEqual([expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }), true]);
});

test('an onError that fails leaves the plain answer', async () => {
  const store = interceptedStore(new MemoryStore(), () => {
    throw new StoreError('STORE_UNAVAILABLE', '…');
  });
  const onError = async () => {
    throw new Error('…');
  };
  const origin = await listening(
    withSession(new Sessions({ store }), { onError }, (_request, response, session) => {
      session.data.visited = true;
      response.end('done');
    }),
  );
  const response = await ask(origin);
  expect([response.statusCode, await text(response)]).toEqual([503, 'Service Unavailable\n']);
});

test('what cannot be sent is an error response', async () => {
  const { origin, gate } = await heldServer((response) => response.end(12 as never));
  gate.open();
  const response = await ask(origin);
  expect(response.statusCode).toBe(500);
  expect(response.headers['set-cookie']).toEqual([ourCookie]);
});
