import { connect } from 'node:http2';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { isStoreError, MemoryStore, type Session, Sessions, StoreError } from '@stet/core';
import { Gate, interceptedStore } from '@stet/visitors';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sessionPlugin } from '../src/bindings/fastify.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

const unavailable = () => new StoreError('STORE_UNAVAILABLE', 'The disk is gone.');
const ourCookie = /^__Host-sid=[\w-]{43};/;

/** The data of a request's session, whatever the application says is in there. */
const dataOf = (request: FastifyRequest) => (request.session as unknown as Session).data;

function setup({ failing = false, held = false } = {}) {
  const memory = new MemoryStore();
  const gate = new Gate();
  const store = interceptedStore(memory, async (operation) => {
    if (operation !== 'create') return;
    if (held) await gate.pass();
    if (failing) throw unavailable();
  });
  const server = fastify();
  onTestFinished(() => server.close());
  server.register(sessionPlugin(new Sessions({ store })));
  const kept = async () => (await Array.fromAsync(new Sessions({ store: memory }).entries())).map(({ data }) => data);
  return { server, gate, kept };
}

/** A server whose every request changes its session before the handler runs. */
function changing(handler: Handler, options: { failing?: boolean; held?: boolean } = {}) {
  const all = setup(options);
  all.server.addHook('preHandler', async (request) => {
    dataOf(request).visited = true;
  });
  all.server.get('/', handler as never);
  return all;
}

const originOf = (server: FastifyInstance) => server.listen({ host: '127.0.0.1', port: 0 });

describe('what a handler throws', () => {
  test.each<[string, Handler]>([
    [
      'thrown',
      () => {
        throw new Error('…');
      },
    ],
    ['sent', (_request, reply) => reply.send(new Error('…'))],
  ])('and what was changed before it is not saved, whatever its error handler answers: %s', async (_, handler) => {
    const { server, kept } = changing(handler);
    server.setErrorHandler((_error, _request, reply) => reply.code(400).send('your fault'));
    const response = await fetch(await originOf(server));
    expect([response.status, await response.text()]).toEqual([400, 'your fault']);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(response.headers.get('vary')).toBe('Cookie');
    expect(await kept()).toEqual([]);
  });

  test('does not take away the token that it moved the session to', async () => {
    const { server, kept } = changing(async (request) => {
      await request.session.save();
      await request.session.regenerate();
      throw new Error('…');
    });
    const response = await fetch(await originOf(server));
    expect([response.status, response.headers.getSetCookie()]).toEqual([500, [expect.stringMatching(ourCookie)]]);
    expect(await kept()).toEqual([{ visited: true }]);
  });
});

describe('a save that fails', () => {
  test('goes to the error handler itself, which answers as if nothing had been sent', async () => {
    const { server } = changing(
      (_request, reply) => reply.headers({ ETag: '"1"', 'X-Frame-Options': 'DENY' }).redirect('/elsewhere', 303),
      { failing: true },
    );
    server.setErrorHandler((error, _request, reply) =>
      reply.header('X-Sent', `${reply.sent}`).send({ status: reply.statusCode, isStoreError: isStoreError(error) }),
    );
    const response = await fetch(await originOf(server), { redirect: 'manual' });
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status: 503, isStoreError: true });
    for (const name of ['etag', 'location', 'set-cookie']) expect(response.headers.get(name)).toBeNull();
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    expect(response.headers.get('x-sent')).toBe('false');
  });

  test.each<[string, (cancelled: () => void) => unknown]>([
    ['a web stream', (cancel) => new ReadableStream({ cancel })],
    ['a Response', (cancel) => new Response(new ReadableStream({ cancel }))],
  ])('lets go of %s', async (_, make) => {
    const cancelled = Promise.withResolvers<void>();
    const { server } = changing((_request, reply) => reply.send(make(cancelled.resolve)), { failing: true });
    expect((await fetch(await originOf(server))).status).toBe(503);
    await cancelled.promise;
  });
});

describe('what may be sent', () => {
  test.each<[string, unknown, string]>([
    ['a text', 'four', 'four'],
    ['an object', { n: 4 }, '{"n":4}'],
    ['a Buffer', Buffer.from('four'), 'four'],
    ['nothing', undefined, ''],
    ['a web stream', ReadableStream.from(['fo', 'ur'].map((part) => Buffer.from(part))), 'four'],
    ['a stream', new PassThrough().end('four'), 'four'],
    ['a Response', new Response('four', { headers: { 'Set-Cookie': 'a=1' } }), 'four'],
  ])('%s', async (name, payload, expected) => {
    const { server, kept } = changing((_request, reply) => reply.send(payload));
    const response = await fetch(await originOf(server));
    expect([response.status, await response.text()]).toEqual([200, expected]);
    const others = name === 'a Response' ? ['a=1'] : [];
    expect(response.headers.getSetCookie()).toEqual([...others, expect.stringMatching(ourCookie)]);
    expect(await kept()).toEqual([{ visited: true }]);
  });

  test('a Response with a status of 500 saves nothing', async () => {
    const { server, kept } = changing((_request, reply) => reply.send(new Response('…', { status: 500 })));
    expect((await fetch(await originOf(server))).status).toBe(500);
    expect(await kept()).toEqual([]);
  });

  test('whatever other hooks make of it', async () => {
    const { server } = changing(() => 'four');
    server.addHook('onSend', async (_request, reply, payload) => {
      reply.header('Vary', 'Accept-Encoding');
      return `${payload} and more`;
    });
    const response = await fetch(await originOf(server));
    expect(await response.text()).toBe('four and more');
    expect(response.headers.get('vary')).toBe('Accept-Encoding, Cookie');
  });
});

describe('a reply that Fastify does not send', () => {
  test.each<[string, Handler]>([
    [
      'hijacked',
      (_request, reply) => {
        reply.hijack();
        reply.raw.writeHead(201);
        reply.raw.end('mine');
      },
    ],
    ['written without a word', async (_request, reply) => void reply.raw.writeHead(201).end('mine')],
  ])('is saved before its first byte leaves: %s', async (_, handler) => {
    const { server, gate, kept } = changing(handler, { held: true });
    let hasBegun = false;
    const asked = fetch(await originOf(server)).finally(() => {
      hasBegun = true;
    });
    await gate.reached;
    expect(hasBegun).toBe(false);
    gate.open();
    const response = await asked;
    expect([response.status, await response.text()]).toEqual([201, 'mine']);
    expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(ourCookie)]);
    expect(await kept()).toEqual([{ visited: true }]);
  });

  test('is a plain error where its session cannot be saved, and the log has the reason', async () => {
    const log = new PassThrough();
    const server = fastify({ logger: { level: 'error', stream: log } });
    onTestFinished(() => server.close());
    const store = interceptedStore(new MemoryStore(), () => {
      throw unavailable();
    });
    server.register(sessionPlugin(new Sessions({ store })));
    server.get('/', (request, reply) => {
      dataOf(request).visited = true;
      reply.hijack();
      reply.raw.end('mine');
    });
    const response = await fetch(await originOf(server));
    expect([response.status, await response.text()]).toEqual([503, 'Service Unavailable\n']);
    expect(String(log.read())).toContain('STORE_UNAVAILABLE');
  });
});

describe('encapsulation', () => {
  test('registered beside the routes, it is there for all of them, for the not found and for hooks that come after it', async () => {
    const { server } = setup();
    const seen: unknown[] = [];
    server.addHook('onRequest', async (request) => void seen.push(request.session.isNew));
    server.register(async (child) => {
      child.get('/child', (request) => `new: ${request.session.isNew}`);
    });
    server.setNotFoundHandler((request, reply) => reply.code(404).send(`new: ${request.session.isNew}`));
    const origin = await originOf(server);
    expect(await (await fetch(`${origin}/child`)).text()).toBe('new: true');
    expect(await (await fetch(`${origin}/none`)).text()).toBe('new: true');
    expect(seen).toEqual([true, true]);
  });

  test('registered within a context, it is there in that one alone', async () => {
    const server = fastify();
    onTestFinished(() => server.close());
    server.register(async (child) => {
      child.register(sessionPlugin(new Sessions({ store: new MemoryStore() })));
      child.get('/child', (request) => typeof request.session);
    });
    server.get('/', (request) => typeof request.session);
    const origin = await originOf(server);
    expect(await (await fetch(`${origin}/child`)).text()).toBe('object');
    const outside = await fetch(origin);
    expect([await outside.text(), outside.headers.get('vary')]).toEqual(['undefined', null]);
  });

  test('registered twice, the server does not start', async () => {
    const { server } = setup();
    server.register(sessionPlugin(new Sessions({ store: new MemoryStore() })));
    await expect(server.ready()).rejects.toMatchObject({ code: 'FST_ERR_DEC_ALREADY_PRESENT' });
  });
});

test('a request that failed before it had a session is answered', async () => {
  const server = fastify();
  onTestFinished(() => server.close());
  server.addHook('onRequest', async () => {
    throw Object.assign(new Error('…'), { statusCode: 418 });
  });
  server.register(sessionPlugin(new Sessions({ store: new MemoryStore() })));
  server.get('/', () => 'never');
  expect((await fetch(await originOf(server))).status).toBe(418);
});

test('a request that is injected has its session, too', async () => {
  const { server, kept } = changing(() => 'four');
  const { body, cookies } = await server.inject('/');
  expect([body, cookies.map(({ name }) => name)]).toEqual(['four', ['__Host-sid']]);
  expect(await kept()).toEqual([{ visited: true }]);
});

test('HTTP/2 is served, the hijacked replies with the others', async () => {
  const server = fastify({ http2: true });
  onTestFinished(() => server.close());
  server.register(sessionPlugin(new Sessions({ store: new MemoryStore() })));
  server.addHook('preHandler', async (request) => {
    (request as unknown as { session: Session }).session.data.visited = true;
  });
  server.get('/', () => 'four');
  server.get('/hijacked', (_request, reply) => {
    reply.hijack();
    reply.raw.end('mine');
  });
  const client = connect(await server.listen({ host: '127.0.0.1', port: 0 }));
  onTestFinished(() => client.destroy());
  for (const [path, body] of [
    ['/', 'four'],
    ['/hijacked', 'mine'],
  ]) {
    const stream = client.request({ ':path': path });
    const cookies = Promise.withResolvers<unknown>();
    stream.on('response', (headers) => cookies.resolve(headers['set-cookie']));
    expect(await text(stream)).toBe(body);
    expect(await cookies.promise).toEqual([expect.stringMatching(ourCookie)]);
  }
});
