import type { OpenOptions, Session, Sessions } from '@stet/core';
import type { SessionCookie } from '../cookie/session-cookie.ts';

/**
 * So many cookies of our name are looked at: one for each path and domain that may have left one, and no more for
 * whoever plants them.
 */
const mostTokens = 3;

/** A session, and the token in the `Cookie` header under which it was asked for. */
export interface Opened<D extends object> {
  readonly session: Session<D>;
  readonly sent: string | undefined;
}

/**
 * Opens the session that a `Cookie` header names. Where it has several cookies of the name, as from different paths or
 * domains, and the first is dead, the next ones are tried. A new session where none is live. Several cookies are tried
 * at once even where `lazy` is asked for.
 */
export async function openSent<D extends object>(
  sessions: Sessions<D>,
  cookie: SessionCookie,
  header: string | null | undefined,
  options: OpenOptions,
): Promise<Opened<D>> {
  const sent = cookie.read(header);
  if (sent === undefined || (options.lazy && cookie.read(header, [sent]) === undefined))
    return { session: await sessions.open(sent, options), sent };
  const opening = options.lazy ? { ...options, lazy: false } : options;
  const first = await sessions.open(sent, opening);
  const tried = [sent];
  for (let session = first; tried.length <= mostTokens; ) {
    if (!session.isNew) return { session, sent: tried.at(-1) };
    const next = cookie.read(header, tried);
    if (next === undefined || tried.length === mostTokens) break;
    tried.push(next);
    session = await sessions.open(next, opening);
  }
  return { session: first, sent };
}
