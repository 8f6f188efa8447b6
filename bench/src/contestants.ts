import { readdir, stat, truncate } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { MemoryStore, type SessionStore, Sessions } from '@stet/core';
import { FileStore } from '@stet/file';
import { sessionMiddleware } from '@stet/http/express';
import type { Request, RequestHandler } from 'express';
import session from 'express-session';

/** A session library as an application sees it. */
export interface Contestant {
  readonly name: string;
  readonly middleware: RequestHandler;
  put(request: Request, key: string): void;
  keys(request: Request): string[];
  logOut(request: Request): Promise<void>;
  /** Damages what is kept of the one session there is, where it is kept in files. */
  readonly damage?: () => Promise<void>;
}

const cookie = { secure: false } as const;
const smallestSession = 40;

function stet(name: string, store: SessionStore, damage?: () => Promise<void>): Contestant {
  const data = (request: Request) => request.session.data as unknown as Record<string, unknown>;
  return {
    name,
    middleware: sessionMiddleware(new Sessions({ store }), { cookie }) as RequestHandler,
    put: (request, key) => {
      data(request)[key] = true;
    },
    keys: (request) => Object.keys(data(request)),
    logOut: (request) => request.session.destroy(),
    ...(damage && { damage }),
  };
}

function expressSession(name: string, store: session.Store, damage?: () => Promise<void>): Contestant {
  const of = (request: Request) => request.session as unknown as session.Session & Record<string, unknown>;
  return {
    name,
    middleware: session({ store, secret: 'bench', resave: false, saveUninitialized: false, cookie }),
    put: (request, key) => {
      of(request)[key] = true;
    },
    keys: (request) => Object.keys(of(request)).filter((key) => key !== 'cookie'),
    logOut: (request) =>
      new Promise((resolve, reject) => of(request).destroy((error) => (error ? reject(error) : resolve()))),
    ...(damage && { damage }),
  };
}

/** Cuts what is kept of every session in half, as a crash in the middle of a write may. */
function halveFiles(folder: string): () => Promise<void> {
  return async () => {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const { size } = await stat(path);
      if (entry.isFile() && size > smallestSession) await truncate(path, Math.floor(size / 2));
    }
  };
}

export function contestants(folder: string): Contestant[] {
  const require = createRequire(import.meta.url);
  const SessionFileStore = require('session-file-store')(session);
  const [theirs, ours] = [join(folder, 'session-file-store'), join(folder, 'stet')];
  return [
    expressSession('express-session, its MemoryStore', new session.MemoryStore()),
    expressSession(
      'express-session, session-file-store',
      new SessionFileStore({ path: theirs, logFn: () => {} }),
      halveFiles(theirs),
    ),
    stet('stet, MemoryStore', new MemoryStore()),
    stet('stet, FileStore', new FileStore({ directory: ours }), halveFiles(ours)),
  ];
}
