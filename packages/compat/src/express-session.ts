import { Session, type SessionData, Store } from 'express-session';
import { answer } from './callback.ts';
import { withEnd, withoutEnd } from './cookie-end.ts';
import { KeptSessions, type KeptSessionsOptions } from './kept/kept-sessions.ts';

export type { LegacySessions } from './kept/legacy-sessions.ts';

export interface StetStoreOptions extends KeptSessionsOptions {
  /** How long a session whose cookie has no `maxAge` lives from its last use, in milliseconds. Default one day. */
  readonly ttlMs?: number;
}

const dayMs = 86_400_000;

/**
 * A store for express-session over any stet store. Of requests that overlap each keeps what it changed, at any depth; a
 * `set` after a `destroy` creates nothing. Every method answers by callback, once, later, with a `StoreError`, a
 * `SessionError` or a `TypeError` where it fails; an error without a callback is emitted as `error`, or becomes a
 * process warning where nobody listens. `disconnect` is never emitted: upon it express-session would serve requests
 * without a session, where a failure has to be an error.
 */
export class StetStore extends Store {
  readonly #kept: KeptSessions;
  readonly #ttlMs: number;
  readonly #now: () => number;

  constructor({ ttlMs = dayMs, now = Date.now, ...options }: StetStoreOptions) {
    super();
    if (!Number.isSafeInteger(ttlMs) || ttlMs <= 0)
      throw new TypeError('ttlMs is a whole number of milliseconds above 0.');
    this.#kept = new KeptSessions({ ...options, now });
    this.#ttlMs = ttlMs;
    this.#now = now;
  }

  /** A session of the caller's own, or `null`. Takes a sid alone: an id that `all` lists is no key to the session. */
  get(sid: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    const loading = this.#kept.load(sid).then((found) => found && (withEnd(found) as unknown as SessionData));
    answer(this, loading, callback);
  }

  /** express-session makes of what `get` gave the object that it will `set`. */
  override createSession(...[request, data]: Parameters<Store['createSession']>): Session & SessionData {
    const session = super.createSession(request, data);
    this.#kept.adopt(data, session);
    return session;
  }

  /**
   * Saves what was changed in the session since `get`; fails with `SessionGoneError` where it has ended meanwhile. A
   * session that express-session has begun is created, or adds its keys to one that has its sid. Any other object
   * becomes the whole session, whatever there was. The session is read before this returns.
   */
  set(sid: string, session: SessionData, callback?: (error?: unknown) => void): void {
    answer(this, this.#set(sid, session), callback);
  }

  /** Saves the cookie, where it was changed, and the end of the session, where that has moved enough. Never creates. */
  override touch(sid: string, session: SessionData, callback?: (error?: unknown) => void): void {
    answer(this, this.#touch(sid, session), callback);
  }

  /** Ends a session, by its sid or by an id that `all` or `ids` lists. */
  destroy(sid: string, callback?: (error?: unknown) => void): void {
    answer(this, this.#kept.destroy(sid), callback && ((error) => callback(error)));
  }

  /** All sessions, by id: the hash of the sid, which is a secret and not kept. Needs a store that is `iterable`. */
  override all(callback: (error: unknown, sessions?: { [id: string]: SessionData }) => void): void {
    answer(this, this.#all(), callback);
  }

  /** The ids of all sessions, as `all` has them. */
  ids(callback: (error: unknown, ids?: string[]) => void): void {
    answer(this, Array.fromAsync(this.#kept.ids()), callback);
  }

  override length(callback: (error: unknown, length?: number) => void): void {
    answer(
      this,
      Array.fromAsync(this.#kept.ids()).then((ids) => ids.length),
      callback,
    );
  }

  /** Ends all sessions that the stet store has. */
  override clear(callback?: (error?: unknown) => void): void {
    answer(this, this.#kept.clear(), callback);
  }

  async #set(sid: string, session: SessionData): Promise<void> {
    const { values, endOf } = withoutEnd({ ...session }, this.#ttlMs, this.#now);
    if (session instanceof Session || this.#kept.knows(sid, session)) {
      await this.#kept.save(sid, values, endOf, session);
    } else {
      await this.#kept.replace(sid, values, endOf, session);
    }
  }

  async #touch(sid: string, session: SessionData): Promise<void> {
    const { values, endOf } = withoutEnd({ cookie: session.cookie }, this.#ttlMs, this.#now);
    await this.#kept.touch(sid, values, endOf, session);
  }

  async #all(): Promise<{ [id: string]: SessionData }> {
    const sessions: { [id: string]: SessionData } = {};
    for await (const [id, found] of this.#kept.entries()) sessions[id] = withEnd(found) as unknown as SessionData;
    return sessions;
  }
}
