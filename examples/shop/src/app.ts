import { join } from 'node:path';
import { sessionMiddleware } from '@stet/http/express';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { failureOf } from './failure.ts';
import { lastWriteWins } from './last-write-wins.ts';
import { errorPage } from './pages/error.ts';
import { cartRoutes } from './routes/cart.ts';
import { catalogueRoutes } from './routes/catalogue.ts';
import { deviceRoutes } from './routes/devices.ts';
import { loginRoutes } from './routes/login.ts';
import { type Contenders, raceRoutes, raceTracks } from './routes/race.ts';
import { sameOriginOnly } from './same-origin.ts';
import type { ShopData, ShopSessions } from './sessions.ts';

declare module '@stet/http/express' {
  interface SessionData extends ShopData {}
}

const publicDirectory = join(import.meta.dirname, '..', 'public');

/** The site. What it knows of its visitors is in the sessions alone, so any number of processes can serve it. */
export function createApp(sessions: ShopSessions, dataDirectory: string): Express {
  const withSession = sessionMiddleware(sessions, { cookie: { secure: false } });
  const contenders: Contenders = {
    merged: { middleware: withSession, marksOf: (res) => res.req.session.data },
    lastWriteWins: {
      middleware: lastWriteWins(join(dataDirectory, 'last-write-wins')),
      marksOf: (res) => res.locals.session,
    },
  };
  return express()
    .disable('x-powered-by')
    .use(headers)
    .use(express.static(publicDirectory, { setHeaders: (res) => res.setHeader('Cache-Control', 'no-cache') }))
    .use(sameOriginOnly)
    .use(raceTracks(contenders))
    .use(withSession)
    .use(express.urlencoded({ extended: false }))
    .use(catalogueRoutes(), cartRoutes(), loginRoutes(), deviceRoutes(sessions), raceRoutes(contenders))
    .use(notFound)
    .use(showFailure);
}

function headers(_req: Request, res: Response, next: NextFunction): void {
  res.set({
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
  });
  next();
}

function notFound(_req: Request, res: Response): void {
  const failure = { status: 404, title: 'No such page', text: 'Nothing is to be found at this address.' };
  res.status(failure.status).send(errorPage(failure));
}

function showFailure(error: unknown, _req: Request, res: Response, next: NextFunction): void {
  if (res.headersSent) {
    next(error);
    return;
  }
  const failure = failureOf(error);
  if (failure.status >= 500) console.error(error);
  res.status(failure.status).send(errorPage(failure));
}
