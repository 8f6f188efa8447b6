import { assertKnownOptions, type OpenOptions, type Session, type Sessions } from '@stet/core';
import { type CookieOptions, sessionCookie } from '../cookie/session-cookie.ts';
import { openSent } from './open-sent.ts';
import { assertSessions } from './visit.ts';

export interface SessionFinderOptions {
  /** As the binding has it that hands the cookie out. */
  readonly cookie?: CookieOptions;
}

/**
 * Resolves to the session that a `Cookie` header names, or to `null` where there is none. Rejects where the store
 * fails.
 */
export type FindSession<D extends object> = (
  cookieHeader: string | null | undefined,
  options?: Pick<OpenOptions, 'fresh'>,
) => Promise<Session<D> | null>;

/**
 * Finds sessions where no response waits for them, such as at the handshake of a WebSocket: it never begins one,
 * because nothing would carry its cookie to the visitor. For the same reason what is found may be changed, saved and
 * destroyed, but not moved to a new token: `regenerate`, `reset` and a change of `subject` throw a `SessionStateError`.
 */
export function sessionFinder<D extends object>(
  sessions: Sessions<D>,
  options: SessionFinderOptions = {},
): FindSession<D> {
  assertSessions(sessions);
  assertKnownOptions(options, ['cookie'], 'sessionFinder');
  const cookie = sessionCookie(options.cookie);
  return async (cookieHeader, { fresh = false } = {}) => {
    const { session } = await openSent(sessions, cookie, cookieHeader, { fresh, canMove: false });
    return session.isNew ? null : session;
  };
}
