import { EventEmitter } from 'node:events';
import type { FastifySessionObject, SessionStore } from '@fastify/session';
import { SessionStateError } from '@stet/core';
import { answer } from './callback.ts';
import { withEnd, withoutEnd } from './cookie-end.ts';
import { KeptSessions, type KeptSessionsOptions } from './kept/kept-sessions.ts';
import { assertTtl, defaultTtlMs } from './session-life.ts';

export type { LegacySessions } from './kept/legacy-sessions.ts';

export interface StetStoreOptions extends KeptSessionsOptions {
  /**
   * How long a session whose cookie has neither `maxAge` nor `expires` lives from its last `set`, in milliseconds.
   * Default one day.
   */
  readonly ttlMs?: number;
}

type SessionData = Parameters<SessionStore['set']>[1];

/** Where the cookie of a session that was handed out has the session itself. */
const origin = Symbol('stet.origin');

/**
 * A store for `@fastify/session` over any stet store. Of requests that overlap each keeps what it changed, at any
 * depth; a `set` after a `destroy` creates nothing and is an error to its request. The plugin, which by default is
 * `rolling`, saves at every request: what was not changed is not written, and the end of the session only where it has
 * moved enough. The plugin has no `touch`: with `rolling: false` a session that is only read is not extended.
 *
 * Every method answers by callback, once, later, with a `StoreError`, a `SessionError` or a `TypeError` where it fails;
 * an error without a callback is emitted as `error`, or becomes a process warning where nobody listens.
 */
export class StetStore extends EventEmitter implements SessionStore {
  readonly #kept: KeptSessions;
  readonly #ttlMs: number;
  readonly #now: () => number;

  constructor({ ttlMs = defaultTtlMs, now = Date.now, ...options }: StetStoreOptions) {
    super();
    assertTtl(ttlMs);
    this.#kept = new KeptSessions({ ...options, now });
    this.#ttlMs = ttlMs;
    this.#now = now;
  }

  /** A session of the caller's own, or `null`. */
  get(sid: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    answer(this, this.#get(sid), callback);
  }

  /**
   * Saves what was changed in the session since `get`. Fails with `SessionGoneError` where it has ended meanwhile, and
   * with `SessionStateError` where `reload` found none or failed: the plugin goes on with an empty one then. A session
   * that the plugin has begun is created; fails with `SessionConflictError` where there is one with its id. Any other
   * object becomes the whole session, whatever there was. The session is read before this returns.
   */
  set(sid: string, session: SessionData, callback?: (error?: unknown) => void): void {
    answer(this, this.#set(sid, session), callback);
  }

  /** Ends a session. */
  destroy(sid: string, callback?: (error?: unknown) => void): void {
    answer(this, this.#kept.destroy(sid), callback && ((error) => callback(error)));
  }

  async #get(sid: string): Promise<SessionData | null> {
    const found = await this.#kept.load(sid);
    if (!found) return null;
    const session = withEnd(found);
    // The plugin would make it the prototype of the session, in place of its own.
    Reflect.deleteProperty(session, '__proto__');
    session.cookie = { ...(session.cookie as object | undefined), [origin]: session };
    return session as unknown as SessionData;
  }

  async #set(sid: string, session: SessionData): Promise<void> {
    const { values, endOf } = withoutEnd({ ...session }, this.#ttlMs, this.#now);
    if (isOfPlugin(session)) {
      this.#recognise(sid, session);
      await this.#kept.save(sid, values, endOf, session, 'refuse');
    } else if (this.#kept.knows(sid, session)) {
      await this.#kept.save(sid, values, endOf, session);
    } else {
      await this.#kept.replace(sid, values, endOf, session);
    }
  }

  #recognise(sid: string, session: FastifySessionObject): void {
    const source = sourceOf(session);
    if (!source || this.#kept.knows(sid, session) || !this.#kept.knows(sid, source)) return;
    if (wasEmpty(session) && Object.keys(source).some((key) => key !== 'cookie')) {
      throw new SessionStateError('The session could not be reloaded: what stands in its place was not saved.');
    }
    this.#kept.adopt(source, session);
  }
}

function isOfPlugin(session: SessionData): session is FastifySessionObject {
  return 'encryptedSessionId' in session;
}

/**
 * What the plugin made a session of. It keeps nothing of the object that `get` gave; but the cookie in it, with
 * whatever that has, goes into the cookie options that a session keeps, since 11.1.2, under a symbol. A version that
 * does otherwise would be noticed: to it all sessions look new, and saving one that was loaded is refused.
 */
function sourceOf(session: object): object | undefined {
  const hidden = session as Record<symbol, { [origin]?: object } | undefined>;
  for (const symbol of Object.getOwnPropertySymbols(session)) {
    const source = hidden[symbol]?.[origin];
    if (source) return source;
  }
  return undefined;
}

/** Whether there was nothing in the session when the plugin made it: nothing, then, would be no modification. */
function wasEmpty(session: FastifySessionObject): boolean {
  const nothing: FastifySessionObject = Object.create(session);
  return !nothing.isModified();
}
