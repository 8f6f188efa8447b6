import cookie from '@fastify/cookie';
import session, { type FastifySessionOptions, type SessionStore } from '@fastify/session';
import { Visitor } from '@stet/visitors';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { onTestFinished } from 'vitest';

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
 * An application of @fastify/session over real HTTP, until the test is over: `routes` adds what it serves, before an
 * error handler that answers with the code of the error. Without a store it has the plugin's own.
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

type Keyed = FastifyRequest<{ Params: { key: string } }>;

/** What a small application does with its sessions. */
export function routes(app: FastifyInstance): void {
  app.get('/put/:key', async ({ session, params: { key } }: Keyed) => {
    session[key] = true;
    return session.sessionId;
  });
  app.get('/drop/:key', async ({ session, params: { key } }: Keyed) => {
    delete session[key];
    return session.sessionId;
  });
  app.get('/log-in', async (request) => {
    const before = request.session.sessionId;
    await request.session.regenerate(['b']);
    request.session.user = 'ada';
    return [before, request.session.sessionId];
  });
  app.get('/log-out', async ({ session }) => {
    await session.destroy();
    return 'bye';
  });
  app.get('/save-twice', async ({ session }) => {
    session.step = 1;
    await session.save();
    session.step = 2;
    return session.sessionId;
  });
  app.get('/save-and-go', async ({ session }) => {
    session.step = 1;
    session.save(() => {});
    return session.sessionId;
  });
  app.get('/empty', async ({ session }) => {
    for (const key of Object.keys(session)) if (key !== 'cookie') delete session[key];
    return 'empty';
  });
  app.get('/remember', async ({ session }) => {
    session.options({ maxAge: 30 * 86_400_000 });
    session.remembered = true;
    return 'for thirty days';
  });
  app.get('/', async ({ session }) => keysOf(session));
}

/** What a session has besides its cookie. */
export function keysOf(session: object): string[] {
  return Object.keys(session).filter((key) => key !== 'cookie');
}
