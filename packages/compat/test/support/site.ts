import { listening, Visitor } from '@stet/visitors';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import session, { type SessionOptions, type Store } from 'express-session';

declare module 'express-session' {
  interface SessionData {
    [key: string]: unknown;
  }
}

export interface Site {
  readonly app: Express;
  readonly origin: string;
  /** What reached the application's error handler. */
  readonly errors: unknown[];
  visitor(): Visitor;
}

/**
 * An application of express-session over real HTTP, until the test is over: `routes` adds what it serves, before an
 * error handler that answers with the code of the error.
 */
export async function openSite(
  store: Store,
  routes: (app: Express) => void,
  options: Partial<SessionOptions> = {},
): Promise<Site> {
  const errors: unknown[] = [];
  const app = express();
  app.use(session({ store, secret: 'x', resave: false, saveUninitialized: false, ...options }));
  routes(app);
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    errors.push(error);
    if (!response.headersSent) response.status(500).send((error as { code?: string }).code ?? 'error');
  });
  const origin = await listening(app);
  return { app, origin, errors, visitor: () => new Visitor(origin) };
}
