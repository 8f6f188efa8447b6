import type { SessionValues } from '@stet/core';
import type { EndOf } from './kept/kept-record.ts';
import { KeptSessions, type KeptSessionsOptions, type LoadedSession } from './kept/kept-sessions.ts';
import { assertTtl, defaultTtlMs } from './session-life.ts';

export type { LegacySessions } from './kept/legacy-sessions.ts';

export interface StetStoreOptions extends KeptSessionsOptions {
  /**
   * How long a session with `maxAge: 'session'`, whose cookie ends with the browser, lives from its last `set`, in
   * milliseconds. Default one day.
   */
  readonly ttlMs?: number;
}

/** What koa-session tells with each call. */
export interface RequestOfKoa {
  /** The context of the request: what its session is known by. */
  readonly ctx?: object;
}

/**
 * koa-session has a store keep a session for so much longer than it takes it for valid itself, so as to notice its end.
 */
const graceMs = 10_000;

/**
 * A store for koa-session over any stet store. Of requests that overlap each keeps what it changed, at any depth; a
 * `set` after a `destroy` creates nothing and is an error to its request. What was not changed is not written: with
 * `rolling` the end of a session is stored only where it has moved enough. Every method rejects with a `StoreError`, a
 * `SessionError` or a `TypeError` where it fails. koa-session has no `touch`: without `rolling` or `renew` a session
 * that is only read is not extended.
 *
 * A request is known by its context, with which koa-session calls. Without one, a session is known by the object that
 * `get` gave, and any other object becomes the whole session, whatever there was.
 */
export class StetStore {
  readonly #kept: KeptSessions;
  readonly #ttlMs: number;
  readonly #now: () => number;

  constructor({ ttlMs = defaultTtlMs, now = Date.now, ...options }: StetStoreOptions) {
    assertTtl(ttlMs);
    this.#kept = new KeptSessions({ ...options, now });
    this.#ttlMs = ttlMs;
    this.#now = now;
  }

  /** A session of the caller's own, or `null`. */
  async get(key: string, _maxAge?: number | 'session', { ctx }: RequestOfKoa = {}): Promise<SessionValues | null> {
    const found = await this.#kept.load(key);
    if (!found) return null;
    if (ctx) this.#kept.adopt(found.session, ctx);
    // koa-session would make it the prototype of the session, in place of its own.
    Reflect.deleteProperty(found.session, '__proto__');
    return withEnd(found);
  }

  /**
   * Saves what the request changed in the session since `get`; fails with `SessionGoneError` where it has ended
   * meanwhile. A session that the request has begun is created, or adds its keys to one that has its key. The session
   * is read before this returns.
   */
  async set(
    key: string,
    session: SessionValues,
    maxAge?: number | 'session',
    { ctx }: RequestOfKoa = {},
  ): Promise<void> {
    // Where the session ends is the end of the record, and no change of the session.
    const { _expire, ...values } = session;
    const endOf = this.#endAfter(values, maxAge);
    const holder = ctx ?? session;
    if (ctx || this.#kept.knows(key, holder)) await this.#kept.save(key, values, endOf, holder);
    else await this.#kept.replace(key, values, endOf, holder);
  }

  /** Ends a session. */
  async destroy(key: string): Promise<void> {
    await this.#kept.destroy(key);
  }

  /** Where another save brought its own `_maxAge`, the end follows from that. */
  #endAfter({ _maxAge }: SessionValues, maxAge: number | 'session' | undefined): EndOf {
    const givenMs = typeof maxAge === 'number' ? maxAge : this.#ttlMs;
    return (kept) => {
      if (kept._maxAge === _maxAge) return this.#endIn(givenMs);
      return this.#endIn(typeof kept._maxAge === 'number' ? kept._maxAge + graceMs : this.#ttlMs);
    };
  }

  #endIn(lifeMs: number): number {
    return Math.max(0, Math.trunc(this.#now() + lifeMs));
  }
}

/** Tells koa-session when it is to take the session for expired. */
function withEnd({ session, expiresAt }: LoadedSession): SessionValues {
  if (typeof session._maxAge === 'number') session._expire = expiresAt - graceMs;
  return session;
}
