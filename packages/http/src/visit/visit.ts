import { assertKnownOptions, type OpenOptions, type Session, type Sessions } from '@stet/core';
import type { ResponseMarks } from '../cookie/response-marks.ts';
import { type CookieOptions, type SessionCookie, sessionCookie } from '../cookie/session-cookie.ts';
import { openSent } from './open-sent.ts';

/** How requests get their sessions. */
export interface SessionHttpOptions extends Pick<OpenOptions, 'rolling' | 'readOnly'> {
  readonly cookie?: CookieOptions;
  /** Leaves the loading to `await session.load()`; a response that never loaded it saves nothing. Default false. */
  readonly lazy?: boolean;
}

/** One request with its session, from the cookie to the response. What every binding is made of. */
export interface Visit<D extends object> {
  readonly session: Session<D>;
  /**
   * Saves the session before a response of this status leaves, and seals it. `undefined`: there is nothing to wait for.
   * A response with a status of 500 or more saves nothing. The first call decides: what answers in place of a response
   * that could not be committed saves nothing any more.
   */
  commit(status: number): Promise<void> | undefined;
  /** What the response has to say about the session as it now is, whether or not the commit succeeded. */
  marks(): ResponseMarks;
  /**
   * The same visit with its session as the store now has it, and none of what was changed here; `null` where the store
   * has none.
   */
  reload(): Promise<Visit<D> | null>;
  /** The handler has failed: whatever it answers now, nothing more is saved. */
  abandon(): void;
}

/**
 * Opens the session that a request's `Cookie` header names. Rejects where the store fails: that is never a new visitor.
 */
export type BeginVisit<D extends object> = (header: string | null | undefined) => Promise<Visit<D>>;

const names = ['cookie', 'lazy', 'rolling', 'readOnly'] satisfies ReadonlyArray<keyof SessionHttpOptions>;

/**
 * What a binding does at each request, made once. Throws a `TypeError` for what cannot work; `more` are the binding's
 * own options.
 */
export function visitsOf<D extends object>(
  sessions: Sessions<D>,
  options: SessionHttpOptions,
  more: readonly string[] = [],
): BeginVisit<D> {
  assertSessions(sessions);
  assertKnownOptions(options, [...names, ...more], '@stet/http');
  const cookie = sessionCookie(options.cookie);
  const { lazy = false, rolling = true, readOnly = false } = options;
  const opening = { lazy, rolling, readOnly };
  return async (header) => {
    const { session, sent } = await openSent(sessions, cookie, header, opening);
    return visitOf(session, cookie, sent, (token) => sessions.open(token, { rolling, readOnly }));
  };
}

/** Throws where something else was given, and says what to do. */
export function assertSessions(sessions: unknown): void {
  if (typeof (sessions as Partial<Sessions> | undefined)?.open === 'function') return;
  throw new TypeError('@stet/http takes Sessions, not a store: new Sessions({ store }).');
}

function visitOf<D extends object>(
  session: Session<D>,
  cookie: SessionCookie,
  sent: string | undefined,
  open: (token: string | null) => Promise<Session<D>>,
): Visit<D> {
  const isPersistent = (): boolean => session.lifetime.persistent ?? cookie.persistent;
  /** The end that the visitor's cookie has; of a session that is loaded later it is not known. */
  const sentUntil = session.expiresAt !== undefined && isPersistent() ? session.expiresAt : undefined;
  const wasLoaded = session.isLoaded;
  let isSettled = false;

  function cookieChange(): string | undefined {
    const { expiresAt } = session;
    // A session that has ended elsewhere, or has moved, leaves the cookie alone: it may be that of a new login by now.
    if (expiresAt === undefined) return session.hasEndedOne && sent !== undefined ? cookie.clear() : undefined;
    if (session.isEnded) return undefined;
    const { token } = session;
    if (token === null) return undefined;
    const persistent = isPersistent();
    const until = persistent ? expiresAt : undefined;
    const isDue = token !== sent || (until !== sentUntil && (wasLoaded || persistent));
    return isDue ? cookie.issue(token, expiresAt, persistent) : undefined;
  }

  return {
    session,
    commit(status) {
      if (isSettled) return undefined;
      isSettled = true;
      if (status >= 500) return undefined;
      try {
        return session.commit();
      } catch (error) {
        return Promise.reject(error);
      }
    },
    marks: () => ({ setCookie: cookieChange(), variesByCookie: session.isLoaded }),
    async reload() {
      const again = session.expiresAt === undefined || session.isEnded ? undefined : await open(session.token);
      return again && !again.isNew ? visitOf(again, cookie, sent, open) : null;
    },
    abandon() {
      isSettled = true;
    },
  };
}
