import { once } from 'node:events';
import { Agent, type IncomingMessage, type RequestOptions, type ServerResponse, request as send } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { MemoryStore, Sessions, StoreError } from '@stet/core';
import { describe, expect, test } from 'vitest';
import { withSession } from '../src/node.ts';
import { Barrier, interceptedStore } from './support/intercepted-store.ts';
import { listening } from './support/listening.ts';

type Handler = (response: ServerResponse, request: IncomingMessage) => unknown;

/** A server whose handler finds its session changed, so that its response waits for a save that the test lets through. */
async function heldServer(handler: Handler, outcome?: Error): Promise<{ origin: string; barrier: Barrier }> {
  const barrier = new Barrier();
  const store = interceptedStore(new MemoryStore(), async (operation) => {
    if (operation !== 'create') return;
    await barrier.pass();
    if (outcome) throw outcome;
  });
  const origin = await listening(
    withSession(new Sessions({ store }), { cookie: { secure: false } }, (request, response, session) => {
      session.data.visited = true;
      return handler(response, request);
    }),
  );
  return { origin, barrier };
}

async function ask(origin: string, options: RequestOptions = {}): Promise<IncomingMessage> {
  const [response] = await once(send(origin, { agent: false, ...options }).end(), 'response');
  return response;
}

/** Runs a handler behind a save that goes through once the handler has done all it does in one go. */
async function answer(
  handler: Handler,
  options?: RequestOptions,
): Promise<{ response: IncomingMessage; body: string }> {
  const { origin, barrier } = await heldServer(handler);
  const answered = ask(origin, options);
  await barrier.reached;
  barrier.open();
  const response = await answered;
  return { response, body: await text(response) };
}

const ourCookie = expect.stringMatching(/^sid=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);

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

  test('waits: write returns false, and drain follows', async () => {
    const returned: boolean[] = [];
    const { body } = await answer(async (response) => {
      returned.push(response.write('one,'));
      await once(response, 'drain');
      response.end('two');
    });
    expect(returned).toEqual([false]);
    expect(body).toBe('one,two');
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
    const { origin, barrier } = await heldServer(async (response) => {
      response.setHeader('Content-Type', 'text/event-stream');
      response.flushHeaders();
      response.write('data: 1\n\n');
      await next.promise;
      response.end('data: 2\n\n');
    });
    const next = Promise.withResolvers<void>();
    const answered = ask(origin);
    await barrier.reached;
    barrier.open();
    const response = await answered;
    expect(response.headers).toMatchObject({ 'content-type': 'text/event-stream', 'set-cookie': [ourCookie] });
    expect(String((await once(response, 'data'))[0])).toBe('data: 1\n\n');
    next.resolve();
    expect(await text(response)).toBe('data: 2\n\n');
  });

  test('may be nothing but a flushed head at first', async () => {
    const { origin, barrier } = await heldServer(async (response) => {
      response.flushHeaders();
      await next.promise;
      response.end('late');
    });
    const next = Promise.withResolvers<void>();
    const answered = ask(origin);
    await barrier.reached;
    barrier.open();
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

  test('keeps a Cache-Control that was set', async () => {
    const { response } = await answer((res) => res.writeHead(200, { 'Cache-Control': 'private' }).end());
    expect(response.headers['cache-control']).toBe('private');
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
    const { origin, barrier } = await heldServer((response, { url }) => {
      response.write(`${url},`);
      response.end('end');
    });
    barrier.open();
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
    const { origin, barrier } = await heldServer((response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.end('done');
    });
    const request = send(origin, { agent: false }).end();
    const answered = once(request, 'response');
    await once(request, 'information');
    await barrier.reached;
    barrier.open();
    expect(await text((await answered)[0])).toBe('done');
  });
});

describe('a response whose head is held back', () => {
  test('looks as if it were sent, and keeps the status it was given', async () => {
    const seen: unknown[] = [];
    const { response } = await answer((res) => {
      res.statusCode = 202;
      seen.push(res.headersSent, res.writableEnded);
      res.write('one');
      seen.push(res.headersSent, res.writableEnded);
      res.end();
      seen.push(res.headersSent, res.writableEnded);
      res.statusCode = 500;
    });
    expect(seen).toEqual([false, false, true, false, true, true]);
    expect(response.statusCode).toBe(202);
  });

  test.each<[string, (response: ServerResponse) => unknown]>([
    ['setHeader', (response) => response.setHeader('X', '1')],
    ['setHeaders', (response) => response.setHeaders(new Headers({ x: '1' }))],
    ['appendHeader', (response) => response.appendHeader('X', '1')],
    ['removeHeader', (response) => response.removeHeader('X')],
    ['writeHead', (response) => response.writeHead(500)],
  ])('refuses %s, as one that was sent', async (_, change) => {
    let code: unknown;
    const { response } = await answer((res) => {
      res.write('one');
      try {
        change(res);
      } catch (error) {
        code = (error as NodeJS.ErrnoException).code;
      }
      res.end();
    });
    expect(code).toBe('ERR_HTTP_HEADERS_SENT');
    expect(response.statusCode).toBe(200);
  });

  test('has its own methods again once it is open', async () => {
    const own: boolean[] = [];
    await answer((res) => {
      res.write('one');
      own.push(Object.hasOwn(res, 'headersSent'), Object.hasOwn(res, 'setHeader'));
      res.once('drain', () => {
        own.push(Object.hasOwn(res, 'headersSent'), Object.hasOwn(res, 'setHeader'));
        res.end();
      });
    });
    expect(own).toEqual([true, true, false, false]);
  });

  test('may be ended twice', async () => {
    const { body } = await answer((res) => {
      res.end('one');
      res.end();
    });
    expect(body).toBe('one');
  });
});

describe('a client that goes away', () => {
  test('before the save: it is made all the same, once', async () => {
    const closed = Promise.withResolvers<void>();
    const barrier = new Barrier();
    const memory = new MemoryStore();
    let saves = 0;
    const store = interceptedStore(memory, (operation) => {
      if (operation !== 'create') return;
      saves += 1;
      return barrier.pass();
    });
    const called = Promise.withResolvers<unknown>();
    const origin = await listening(
      withSession(new Sessions({ store }), {}, (_request, response, session) => {
        session.data.visited = true;
        response.on('close', closed.resolve);
        response.write('one', called.resolve);
        response.end('two');
      }),
    );
    const request = send(origin, { agent: false }).end();
    request.on('error', () => {});
    await barrier.reached;
    request.destroy();
    await closed.promise;
    barrier.open();
    await called.promise;
    expect(saves).toBe(1);
    const kept = await Array.fromAsync(new Sessions({ store: memory }).entries());
    expect(kept.map(({ data }) => data)).toEqual([{ visited: true }]);
  });

  test('before a save that fails: the failure is told, and nothing is thrown', async () => {
    const closed = Promise.withResolvers<void>();
    const barrier = new Barrier();
    const store = interceptedStore(new MemoryStore(), async (operation) => {
      if (operation !== 'create') return;
      await barrier.pass();
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
    await barrier.reached;
    request.destroy();
    await closed.promise;
    barrier.open();
    expect(await told.promise).toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});

describe('a save that fails', () => {
  const failure = new StoreError('STORE_UNAVAILABLE', '…');

  test('tells what had been written, and takes the place of all of it', async () => {
    const called: unknown[] = [];
    const { origin, barrier } = await heldServer((response) => {
      response.statusCode = 201;
      response.statusMessage = 'Made';
      response.setHeader('Content-Length', '8');
      response.setHeader('Content-Security-Policy', "default-src 'self'");
      response.write('four', (error) => called.push(error));
      response.end('more', () => called.push('end'));
    }, failure);
    barrier.open();
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
    const { origin, barrier } = await heldServer(
      (response) =>
        pipeline(source, response)
          .then(
            () => 'finished',
            (error) => error,
          )
          .then(ended.resolve),
      failure,
    );
    barrier.open();
    expect(await text(await ask(origin))).toBe('Service Unavailable\n');
    expect(await ended.promise).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
    expect(source.destroyed).toBe(true);
  });

  test('lets a handler that does not know yet go on to no effect', async () => {
    const done = Promise.withResolvers<unknown[]>();
    const { origin, barrier } = await heldServer(async (response) => {
      response.flushHeaders();
      await once(response, 'finish');
      const told: unknown[] = [];
      told.push(response.write('late', (error) => told.push(error)));
      response.end('later', (error?: unknown) => {
        told.push(error);
        done.resolve(told);
      });
    }, failure);
    barrier.open();
    expect(await text(await ask(origin))).toBe('Service Unavailable\n');
    expect(await done.promise).toEqual([false, failure, failure]);
  });

  test('of a HEAD request has no body', async () => {
    const { origin, barrier } = await heldServer((response) => response.end('done'), failure);
    barrier.open();
    const response = await ask(origin, { method: 'HEAD' });
    expect([response.statusCode, await text(response)]).toEqual([503, '']);
  });
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
  const { origin, barrier } = await heldServer((response) => response.end(12 as never));
  barrier.open();
  const response = await ask(origin);
  expect(response.statusCode).toBe(500);
  expect(response.headers['set-cookie']).toEqual([ourCookie]);
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
