import type { Session, Sessions } from '@stet/core';
import type { ResponseMarks } from '../cookie/response-marks.ts';
import type { CookieOptions, SessionCookie } from '../cookie/session-cookie.ts';

/** How requests get their sessions. */
export interface SessionHttpOptions {
  readonly cookie?: CookieOptions;
  /** Leaves the loading to `await session.load()`; a response that never loaded it saves nothing. Default false. */
  readonly lazy?: boolean;
}

/** One request with its session, from the cookie to the response. What every binding is made of. */
export interface Visit<D extends object> {
  readonly session: Session<D>;
  /**
   * Saves the session before a response of this status leaves, and seals it. `undefined`: there is nothing to wait for. A response
   * with a status of 500 or more saves nothing. The first call decides: what answers in place of a response that could not be
   * committed saves nothing any more.
   */
  commit(status: number): Promise<void> | undefined;
  /** What the response has to say about the session as it now is, whether or not the commit succeeded. */
  marks(): ResponseMarks;
  /** The handler has failed: whatever it answers now, nothing more is saved. */
  abandon(): void;
}

/** Opens the session that a request's `Cookie` header names. Rejects where the store fails: that is never a new visitor. */
export async function beginVisit<D extends object>(
  sessions: Sessions<D>,
  cookie: SessionCookie,
  header: string | null | undefined,
  { lazy = false }: SessionHttpOptions,
): Promise<Visit<D>> {
  const sent = cookie.read(header);
  const session = await sessions.open(sent, { lazy });
  /** The end that the visitor's cookie has; of a session that is loaded later it is not known. */
  const sentExpiresAt = session.expiresAt;
  let isSettled = false;

  function cookieChange(): string | undefined {
    const { expiresAt } = session;
    // A session that has ended elsewhere, or has moved, leaves the cookie alone: it may be that of a new login by now.
    if (expiresAt === undefined) return session.hasEndedOne && sent !== undefined ? cookie.clear() : undefined;
    if (session.isEnded) return undefined;
    const { token } = session;
    if (token === null) return undefined;
    const isDue = token !== sent || (cookie.persistent && expiresAt !== sentExpiresAt);
    return isDue ? cookie.issue(token, expiresAt) : undefined;
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
    abandon() {
      isSettled = true;
    },
  };
}
