import type { OpenOptions, Session, Sessions } from '@stet/core';
import { type CookieOptions, sessionCookie } from '../cookie/session-cookie.ts';

export interface SessionFinderOptions {
  /** As the binding has it that hands the cookie out. */
  readonly cookie?: CookieOptions;
}

/** Resolves to the session that a `Cookie` header names, or to `null` where there is none. Rejects where the store fails. */
export type FindSession<D extends object> = (
  cookieHeader: string | null | undefined,
  options?: Pick<OpenOptions, 'fresh'>,
) => Promise<Session<D> | null>;

/**
 * Finds sessions where no response waits for them, such as at the handshake of a WebSocket: it never begins one, because nothing would
 * carry its cookie to the visitor. For the same reason what is found may be changed, saved and destroyed, but not moved to a new token.
 */
export function sessionFinder<D extends object>(
  sessions: Sessions<D>,
  options: SessionFinderOptions = {},
): FindSession<D> {
  const cookie = sessionCookie(options.cookie);
  return async (cookieHeader, { fresh = false } = {}) => {
    const token = cookie.read(cookieHeader);
    if (token === undefined) return null;
    const session = await sessions.open(token, { fresh });
    return session.isNew ? null : session;
  };
}
