import type { SessionValues } from '../codecs/codec.ts';
import { requireFacet } from '../contract/facets.ts';
import { assertSessionId, isToken } from '../contract/session-id.ts';
import type { SessionRecord, SweepOptions } from '../contract/session-store.ts';
import { isStoreError } from '../contract/store-error.ts';
import { mostAttempts, pauseAfter } from './engine/attempts.ts';
import { end } from './engine/end.ts';
import { Kept } from './engine/kept.ts';
import { sessionOf } from './engine/load.ts';
import { isMarker } from './engine/record-data.ts';
import { assertKnownOptions } from './guards/known-options.ts';
import { HeldSession } from './held-session.ts';
import type { Home, Opening } from './home.ts';
import { isOver, limitsOf } from './lifetime.ts';
import { Session } from './session.ts';
import { isSessionError, SessionConflictError, SessionGoneError, SessionRevocationError } from './session-error.ts';
import { homeOf, type SessionsOptions } from './sessions-options.ts';
import { sweepEvery } from './sweep-every.ts';
import { type EndReason, reportCorruptRecord, reportEnd, traced } from './tracing.ts';

export interface OpenOptions {
  /** Leaves the loading to the first `await session.load()`. */
  readonly lazy?: boolean;
  /**
   * Asks the store of record where a cache might answer: for what must not be a moment behind, such as an
   * administrator's page.
   */
  readonly fresh?: boolean;
  /**
   * Whether the visit puts off the end of the session. Default true; false for what the visitor did not ask for, such
   * as polling.
   */
  readonly rolling?: boolean;
  /** Saves nothing, not even that the visitor was here; a change throws. Default false. */
  readonly readOnly?: boolean;
  /**
   * Whether a new token can reach the visitor. Default true; false where no response carries a cookie, as at a
   * WebSocket: then what would move the session throws a `SessionStateError`.
   */
  readonly canMove?: boolean;
}

const openOptions = ['lazy', 'fresh', 'rolling', 'readOnly', 'canMove'] satisfies ReadonlyArray<keyof OpenOptions>;

export interface RevokeSubjectOptions {
  /** A session that stays: the one from which "log out my other devices" was asked. */
  readonly except?: { readonly id: string };
}

/** The sessions of an application: the one place where stores, codecs and time limits come together. */
export class Sessions<D extends object = SessionValues> {
  readonly #home: Home;
  /** How a visitor's request opens its session, where nothing else is said. */
  readonly #visit: Opening;
  /** How a job does. */
  readonly #job: Opening = {
    attended: false,
    canMove: false,
    onConflict: 'reject',
    fresh: false,
    rolling: false,
    readOnly: false,
  };

  constructor(options: SessionsOptions) {
    const { onConflict, ...home } = homeOf(options);
    this.#home = home;
    this.#visit = { attended: true, canMove: true, onConflict, fresh: false, rolling: true, readOnly: false };
  }

  /**
   * The session of a visitor's cookie: one load. Without a token, or with anything that is not the token of a live
   * session, it is a new one under a new token, of which the store learns nothing until it is saved. A store that fails
   * rejects: a failure is never taken for a new visitor.
   */
  async open(token?: string | null, options?: OpenOptions): Promise<Session<D>> {
    if (options) assertKnownOptions(options, openOptions, 'sessions.open');
    const { lazy, fresh = false, rolling = true, readOnly = false, canMove = true } = options ?? {};
    const opening = options ? { ...this.#visit, fresh, rolling, readOnly, canMove } : this.#visit;
    const session = new Session<D>(new HeldSession(this.#home, opening, isToken(token) ? token : undefined));
    if (!lazy) await session.load();
    return session;
  }

  /**
   * Runs a job on one session: load, change, save. Where another save comes first the function runs again on the fresh
   * session, so what it did to `session` is exact; it should have no other effects. It does not count as the visitor's
   * activity. Rejects with `SessionGoneError` where there is no such session, and with `SessionConflictError` where
   * other saves kept coming first.
   */
  async transact<T>(id: string, job: (session: Session<D>) => T | Promise<T>): Promise<T> {
    assertSessionId(id);
    return traced('transact', { id }, async () => {
      for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
        const session = await this.#find(id);
        const result = await job(session);
        if (session.hasEndedOne) return result;
        try {
          await session.save();
          return result;
        } catch (error) {
          if (!isSessionError(error) || error.code !== 'SESSION_CONFLICT') throw error;
        }
        await pauseAfter(attempt);
      }
      throw new SessionConflictError('Other saves of the session kept coming first; the job was not saved.');
    });
  }

  /**
   * All live sessions, as a job sees them: those that live all through are seen once. Needs a store that is `iterable`.
   */
  async *entries(): AsyncGenerator<Session<D>> {
    for await (const [id, record] of requireFacet(this.#home.store, 'iterable').entries()) {
      const session = this.#listed(id, record);
      if (session) yield session;
    }
  }

  /** The live sessions of a subject, as a job sees them. Needs a store with `bySubject`. */
  async bySubject(subject: string): Promise<Array<Session<D>>> {
    const found = await requireFacet(this.#home.store, 'bySubject').bySubject(subject);
    return found.map(([id, record]) => this.#listed(id, record)).filter((session) => session !== null);
  }

  /** Ends the session with this id for good, whoever is using it. `false`: there was none. */
  async revoke(id: string): Promise<boolean> {
    assertSessionId(id);
    return traced('revoke', { id }, () => this.#revoke(id, 'revoked'));
  }

  /**
   * Ends every session of a subject and resolves to their number: "log out everywhere" (OWASP ASVS 7.4.2). One that
   * moves to a new token meanwhile is ended too. Where some cannot be ended it goes on with the others, and rejects
   * with a `SessionRevocationError` that has all that went wrong. Needs a store with `bySubject`.
   */
  async revokeSubject(subject: string, options: RevokeSubjectOptions = {}): Promise<number> {
    assertKnownOptions(options, ['except'], 'sessions.revokeSubject');
    const store = requireFacet(this.#home.store, 'bySubject');
    return traced('revoke', {}, async () => {
      let revoked = 0;
      const errors: unknown[] = [];
      for (const [id] of await store.bySubject(subject)) {
        if (id === options.except?.id) continue;
        try {
          if (await this.#revoke(id, 'subject-revoked')) revoked += 1;
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw new SessionRevocationError(revoked, errors);
      return revoked;
    });
  }

  /**
   * Removes expired records; resolves to their number. Nothing to do, and 0, for a store whose backend does it by
   * itself. Run it from time to time, in as many processes as you like.
   */
  async sweep(options: SweepOptions = {}): Promise<number> {
    const { store } = this.#home;
    if (!store.capabilities.sweepable) return 0;
    return traced('sweep', {}, () => requireFacet(store, 'sweepable').deleteExpired(options));
  }

  /**
   * Sweeps again and again, about every `intervalMs` milliseconds, and keeps no process alive for it. Processes that
   * were started together drift apart. A sweep that fails becomes a warning of the process, and the next one is tried.
   * Call what it returns to stop.
   */
  sweepEvery(intervalMs: number): () => void {
    return sweepEvery(intervalMs, (signal) => this.sweep({ signal }));
  }

  async #find(id: string): Promise<Session<D>> {
    const { store, lifetime, now } = this.#home;
    const record = await store.load(id);
    const found = record && (await sessionOf(this.#home, id, record));
    if (found instanceof Kept && !isOver(limitsOf(found.life, lifetime), found.record, now())) return this.#of(found);
    throw new SessionGoneError('There is no such session.');
  }

  #listed(id: string, record: SessionRecord): Session<D> | null {
    const { codec, lifetime, now } = this.#home;
    if (isMarker(record.data)) return null;
    try {
      const kept = new Kept(codec, id, record);
      if (isOver(limitsOf(kept.life, lifetime), record, now())) return null;
      const session = this.#of(kept);
      // What cannot be read is left out, so that it does not end the listing.
      void session.data;
      return session;
    } catch (error) {
      reportCorruptRecord(id, error);
      return null;
    }
  }

  #of(kept: Kept): Session<D> {
    const held = new HeldSession(this.#home, this.#job, null);
    held.take(kept);
    return new Session<D>(held);
  }

  async #revoke(id: string, reason: EndReason): Promise<boolean> {
    const { store } = this.#home;
    const isRevoked = await this.#endAt(id).catch((error: unknown) => {
      // What cannot be read cannot be claimed, but whoever revokes it wants it gone.
      if (isStoreError(error) && error.code === 'STORE_CORRUPT_RECORD') return store.delete(id);
      throw error;
    });
    if (isRevoked) reportEnd(id, reason);
    return isRevoked;
  }

  async #endAt(id: string): Promise<boolean> {
    const record = await this.#home.store.load(id);
    return record ? end(this.#home, id, record) : false;
  }
}
