import cookie from '@fastify/cookie';
import session, { type FastifySessionOptions, type SessionStore } from '@fastify/session';
import fastify, { type FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import { Visitor } from './visitor.ts';

declare module 'fastify' {
  interface Session {
    [key: string]: unknown;
  }
}

export interface FastifySite {
  readonly app: FastifyInstance;
  readonly origin: string;
  /** What reached the application's error handler. */
  readonly errors: unknown[];
  visitor(): Visitor;
}

/**
 * An application of @fastify/session over real HTTP, until the test is over: `routes` adds what it serves, before an error handler that
 * answers with the code of the error. Without a store it has the plugin's own.
 */
export async function openFastifySite(
  store: SessionStore | undefined,
  routes: (app: FastifyInstance) => void,
  { cookie: cookieOptions, ...options }: Partial<FastifySessionOptions> = {},
): Promise<FastifySite> {
  const errors: unknown[] = [];
  const app = fastify();
  onTestFinished(() => app.close());
  app.register(cookie);
  app.register(session, {
    ...(store && { store }),
    secret: 'a secret of at least thirty-two characters',
    saveUninitialized: false,
    cookie: { secure: false, ...cookieOptions },
    ...options,
  });
  app.setErrorHandler((error, _request, reply) => {
    errors.push(error);
    return reply.code(500).send((error as { code?: string }).code ?? 'error');
  });
  routes(app);
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  return { app, origin, errors, visitor: () => new Visitor(origin) };
}
