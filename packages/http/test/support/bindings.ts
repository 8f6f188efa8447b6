import type { RequestListener } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { getRequestListener } from '@hono/node-server';
import type { Session, Sessions, SessionValues } from '@stet/core';
import express from 'express';
import express4 from 'express4';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa, { type DefaultState } from 'koa';
import Koa2 from 'koa2';
import { sessionMiddleware } from '../../src/bindings/express.ts';
import { sessionPlugin } from '../../src/bindings/fastify.ts';
import { withSession as withFetchSession } from '../../src/bindings/fetch.ts';
import { sessionMiddleware as honoMiddleware } from '../../src/bindings/hono.ts';
import { sessionMiddleware as koaMiddleware, type SessionContext } from '../../src/bindings/koa.ts';
import { withSession } from '../../src/bindings/node.ts';
import type { SessionHttpOptions } from '../../src/visit/visit.ts';
import { fetchListener } from './fetch-listener.ts';

/** What an application of these tests answers; a string is a body. */
type Answer = string | { status?: number; headers?: Record<string, string>; body?: string | Readable };

/** An application, whatever it is bound to. */
export type App = (session: Session, url: URL) => Answer | Promise<Answer>;

export type Binding = (sessions: Sessions, app: App, options?: SessionHttpOptions) => RequestListener;

/** One application through each binding. */
export const bindings: ReadonlyArray<readonly [name: string, binding: Binding]> = [
  ['express 5', expressBinding(express)],
  ['express 4', expressBinding(express4)],
  ['fastify', fastifyBinding],
  ['koa 3', koaBinding(Koa)],
  ['koa 2', koaBinding(Koa2)],
  ['hono', honoBinding],
  ['node', nodeBinding],
  ['fetch', fetchBinding],
];

function expressBinding(framework: typeof express): Binding {
  return (sessions, app, options) => {
    const server = framework();
    server.set('env', 'test');
    server.use(sessionMiddleware(sessions, options));
    server.use((request, response, next) => {
      Promise.resolve(app(request.session as unknown as Session, urlOf(request.originalUrl)))
        .then((answer) => {
          const { status, headers, body } = answerOf(answer);
          response.status(status).set(headers);
          if (body instanceof Readable) return pipeline(body, response);
          response.send(body);
        })
        .catch(next);
    });
    return server;
  };
}

function fastifyBinding(sessions: Sessions, app: App, options?: SessionHttpOptions): RequestListener {
  const server = fastify();
  server.register(sessionPlugin(sessions, options));
  server.all('/*', async (request, reply) => {
    const { status, headers, body } = answerOf(await app(request.session as unknown as Session, urlOf(request.url)));
    return reply.code(status).headers(headers).send(body);
  });
  return async (request, response) => {
    await server.ready();
    server.routing(request, response);
  };
}

function koaBinding(Framework: typeof Koa): Binding {
  return (sessions, app, options) => {
    const server = new Framework<DefaultState, SessionContext<SessionValues>>();
    server.silent = true;
    server.use(koaMiddleware(sessions, options)).use(async (ctx) => {
      const { status, headers, body } = answerOf(await app(ctx.session, urlOf(ctx.url)));
      ctx.status = status;
      ctx.set(headers);
      ctx.body = body;
    });
    return server.callback();
  };
}

function honoBinding(sessions: Sessions, app: App, options?: SessionHttpOptions): RequestListener {
  const server = new Hono().use(honoMiddleware(sessions, options)).all('/*', async (c) => {
    const { status, headers, body } = answerOf(await app(c.var.session, new URL(c.req.url)));
    return new Response(webBody(body), { status, headers });
  });
  // As by default, but for what that prints.
  server.onError((error, c) => ('getResponse' in error ? error.getResponse() : c.text('Internal Server Error', 500)));
  return getRequestListener(server.fetch);
}

function nodeBinding(sessions: Sessions, app: App, options: SessionHttpOptions = {}): RequestListener {
  const listener = withSession(sessions, options, async (request, response, session) => {
    const { status, headers, body } = answerOf(await app(session, urlOf(request.url)));
    response.writeHead(status, headers);
    if (body instanceof Readable) await pipeline(body, response);
    else response.end(body);
  });
  return (request, response) => {
    listener(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500).end();
    });
  };
}

function fetchBinding(sessions: Sessions, app: App, options: SessionHttpOptions = {}): RequestListener {
  return fetchListener(
    withFetchSession(sessions, options, async (request, session) => {
      const { status, headers, body } = answerOf(await app(session, new URL(request.url)));
      return new Response(webBody(body), { status, headers });
    }),
  );
}

function answerOf(answer: Answer): { status: number; headers: Record<string, string>; body: string | Readable } {
  const { status = 200, headers = {}, body = '' } = typeof answer === 'string' ? { body: answer } : answer;
  return { status, headers: { 'Content-Type': 'text/plain', ...headers }, body };
}

/** A response without a body, such as a 304, takes not even an empty one. */
function webBody(body: string | Readable): string | ReadableStream | null {
  return body instanceof Readable ? webStream(body) : body || null;
}

/** As `Readable.toWeb`, which throws where what it read ahead comes after the stream was cancelled. */
function webStream(body: Readable): ReadableStream {
  const chunks = body[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => void body.destroy(),
  });
}

function urlOf(path = '/'): URL {
  return new URL(path, 'http://localhost');
}
