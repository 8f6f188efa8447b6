import { isDeepStrictEqual } from 'node:util';
import type { SessionValues } from '@stet/core';
import type { EndOf } from './kept/kept-record.ts';
import type { LoadedSession } from './kept/kept-sessions.ts';

/** A cookie as express-session and @fastify/session keep it in a session: what it becomes as JSON. */
interface KeptCookie {
  /** When the cookie, and with it the session, ends: ISO 8601; `null` or `false` where it ends with the browser. */
  expires?: string | null | false;
  /** What `expires` was when @fastify/session loaded the session. */
  originalExpires?: string;
  /** How long the session lives from each use, in milliseconds. */
  originalMaxAge?: number | null;
}

/** A session as it is stored, and when it ends. */
export interface StoredForm {
  readonly values: SessionValues;
  readonly endOf: EndOf;
}

/**
 * Takes the instant at which the cookie ends out of a session: it is the end of the record, moves with each request,
 * and is no change of the session. What stays in the cookie tells how long the session lives from each use; one that
 * ends with the browser lives `ttlMs`.
 */
export function withoutEnd(session: SessionValues, ttlMs: number, now: () => number): StoredForm {
  if (!isCookie(session.cookie)) return { values: session, endOf: () => now() + ttlMs };
  const { expires, originalExpires: _, ...lasting } = JSON.parse(JSON.stringify(session.cookie)) as KeptCookie;
  const stated = typeof expires === 'string' ? Date.parse(expires) : Number.NaN;
  const isTimed = !Number.isNaN(stated) || (expires === undefined && typeof lasting.originalMaxAge === 'number');
  const cookie: KeptCookie = isTimed ? lasting : { ...lasting, expires: null };
  const end = Number.isNaN(stated) ? endFrom(cookie, ttlMs, now()) : Math.max(0, stated);
  // Where another save brought its own cookie, the end follows from that.
  const endOf: EndOf = (kept) => (isDeepStrictEqual(kept.cookie, cookie) ? end : endFrom(kept.cookie, ttlMs, now()));
  return { values: { ...session, cookie }, endOf };
}

/** Puts the end of a session back into its cookie. */
export function withEnd({ session, expiresAt }: LoadedSession): SessionValues {
  const { cookie } = session;
  if (isCookie(cookie) && isLimited(cookie)) cookie.expires = new Date(expiresAt).toISOString();
  return session;
}

function endFrom(cookie: unknown, ttlMs: number, now: number): number {
  const lifeMs = isCookie(cookie) && isLimited(cookie) ? cookie.originalMaxAge : undefined;
  return Math.max(0, Math.trunc(now + (lifeMs ?? ttlMs)));
}

/** Whether a cookie that was stored has an end, in it or taken out of it. */
function isLimited({ expires }: KeptCookie): boolean {
  return expires === undefined || typeof expires === 'string';
}

function isCookie(value: unknown): value is KeptCookie {
  return typeof value === 'object' && value !== null;
}
