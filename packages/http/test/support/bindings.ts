import type { RequestListener } from 'node:http';
import type { Session, Sessions } from '@stet/core';
import express from 'express';
import express4 from 'express4';
import { sessionMiddleware } from '../../src/express.ts';
import { withSession as withFetchSession } from '../../src/fetch.ts';
import type { SessionHttpOptions } from '../../src/life-cycle.ts';
import { withSession } from '../../src/node.ts';
import { fetchListener } from './fetch-listener.ts';

/** What an application of these tests answers; a string is a body. */
type Answer = string | { status: number; headers?: Record<string, string>; body?: string };

/** An application, whatever it is bound to. */
export type App = (session: Session, url: URL) => Answer | Promise<Answer>;

export type Binding = (sessions: Sessions, app: App, options?: SessionHttpOptions) => RequestListener;

/** One application through each binding. */
export const bindings: ReadonlyArray<readonly [name: string, binding: Binding]> = [
  ['express 5', expressBinding(express)],
  ['express 4', expressBinding(express4)],
  [
    'node',
    (sessions, app, options = {}) =>
      withSession(sessions, options, async (request, response, session) => {
        const { status, headers, body } = answerOf(await app(session, urlOf(request.url)));
        response.writeHead(status, headers).end(body);
      }),
  ],
  [
    'fetch',
    (sessions, app, options = {}) =>
      fetchListener(
        withFetchSession(sessions, options, async (request, session) => {
          const { status, headers, body } = answerOf(await app(session, new URL(request.url)));
          return new Response(body, { status, headers });
        }),
      ),
  ],
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
          response.status(status).set(headers).send(body);
        })
        .catch(next);
    });
    return server;
  };
}

function answerOf(answer: Answer): { status: number; headers: Record<string, string>; body: string } {
  const { status, headers = {}, body = '' } = typeof answer === 'string' ? { status: 200, body: answer } : answer;
  return { status, headers: { 'Content-Type': 'text/plain', ...headers }, body };
}

function urlOf(path = '/'): URL {
  return new URL(path, 'http://localhost');
}
