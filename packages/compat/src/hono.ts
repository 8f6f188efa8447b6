import type { SessionData, SessionEnv } from '@hono/session';
import type { SessionValues } from '@stet/core';
import type { Context, MiddlewareHandler } from 'hono';
import { KeptSessions, type KeptSessionsOptions } from './kept/kept-sessions.ts';
import { assertTtl, defaultTtlMs } from './session-life.ts';

export type { LegacySessions } from './kept/legacy-sessions.ts';

export interface StetSessionStorageOptions extends KeptSessionsOptions {
  /**
   * How long a session lives from its last use, in milliseconds: no less than the `duration` of its cookie. Default one
   * day.
   */
  readonly ttlMs?: number;
}

/** What {@link useStetSessionStorage} adds to the variables of the context. */
export interface StetSessionStorageEnv<Data extends SessionData> {
  Variables: Pick<SessionEnv<Data>['Variables'], 'sessionStorage'>;
}

type Storage<Data extends SessionData> = NonNullable<StetSessionStorageEnv<Data>['Variables']['sessionStorage']>;

/**
 * Middleware that keeps the sessions of `@hono/session` in any stet store: `useSessionStorage` and its storage in one,
 * to be used before `useSession`. Each request saves what it changed, at any depth, compared with the session as it
 * first read it. The response waits for what `useSession` does not, saves and deletes. One that fails is an error for
 * `app.onError` in place of the response: `SessionGoneError` where the session has ended meanwhile (nothing is
 * created), or a `StoreError`. A session that is only read is extended, at most once a minute.
 */
export function useStetSessionStorage<Data extends SessionData = SessionData>({
  ttlMs = defaultTtlMs,
  now = Date.now,
  ...options
}: StetSessionStorageOptions): MiddlewareHandler<StetSessionStorageEnv<Data>> {
  assertTtl(ttlMs);
  const kept = new KeptSessions({ ...options, now });
  return async (c, next) => {
    const { storage, settle } = beginVisit<Data>(kept, () => now() + ttlMs);
    c.set('sessionStorage', storage);
    try {
      await next();
    } finally {
      await settle().catch(async (error: unknown) => {
        await withdraw(c);
        throw error;
      });
    }
  };
}

/** The storage of one request, and how to wait for what it writes. */
function beginVisit<Data extends SessionData>(kept: KeptSessions, endOf: () => number) {
  /**
   * The host saves other objects than it was given: they are known by their id, which is why each request has a storage
   * of its own.
   */
  const read = new Map<string, SessionValues>();
  const written = new Set<string>();
  const writes: Array<Promise<unknown>> = [];

  function begin(sid: string, write: Promise<unknown>): void {
    // It may fail long before anybody waits for it.
    write.catch(() => {});
    writes.push(write);
    written.add(sid);
  }

  const storage: Storage<Data> = {
    async get(sid) {
      if (!read.has(sid)) {
        const found = await kept.load(sid);
        if (found && !read.has(sid)) read.set(sid, found.session);
      }
      return (read.get(sid) as Data | undefined) ?? null;
    },
    set: (sid, session) => begin(sid, kept.save(sid, session, endOf, read.get(sid), 'refuse')),
    delete: (sid) => begin(sid, kept.destroy(sid)),
  };

  async function settle(): Promise<void> {
    for (const [sid, session] of read) if (!written.has(sid)) begin(sid, kept.touch(sid, {}, endOf, session));
    for (const result of await Promise.allSettled(writes)) if (result.status === 'rejected') throw result.reason;
  }

  return { storage, settle };
}

/**
 * Headers that tell of what did not happen, or of content that is not sent. Those that allow or guard the access (CORS,
 * CSP) stay.
 */
const ofTheOutcome =
  /^(set-cookie$|content-(?!security-policy)|etag$|last-modified$|location$|refresh$|trailer$|transfer-encoding$|accept-ranges$|cache-control$|expires$)/;

/** Takes a response back. Hono gives the headers that are left to the one that answers the error. */
async function withdraw(c: Context): Promise<void> {
  if (!c.finalized) return;
  await c.res.body?.cancel().catch(() => {});
  const headers = new Headers(c.res.headers);
  for (const name of [...headers.keys()]) if (ofTheOutcome.test(name)) headers.delete(name);
  c.res = undefined;
  c.res = new Response(null, { headers });
}
