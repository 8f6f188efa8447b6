import type { Codec, SessionValues } from '../codecs/codec.ts';
import { JsonCodec } from '../codecs/json-codec.ts';
import { requireFacet } from '../contract/facets.ts';
import { assertSessionId, generateToken, idOf, isToken } from '../contract/session-id.ts';
import type { SessionRecord, SessionStore, SweepOptions } from '../contract/session-store.ts';
import { isStoreError } from '../contract/store-error.ts';
import { attempts } from './attempts.ts';
import { end } from './end.ts';
import { isOver, type Lifetime, lifetimeOf } from './lifetime.ts';
import { Session } from './session.ts';
import { isSessionError, SessionConflictError, SessionGoneError } from './session-error.ts';
import { type ConflictPolicy, inGrace, type SessionEnvironment, type SessionState } from './session-state.ts';
import { follow, moveOf } from './succession.ts';
import { reportCorruptRecord, traced } from './tracing.ts';
import { Turns } from './turns.ts';
import { WorkingCopy } from './working-copy.ts';

export interface SessionsOptions extends Partial<Lifetime> {
  readonly store: SessionStore;
  /** How data becomes text. Default {@link JsonCodec}. */
  readonly codec?: Codec;
  /** The most bytes one session may have when encoded; a save above it is `STORE_TOO_LARGE`. Default 65,536 or what the store takes. */
  readonly maxDataBytes?: number;
  /** What `save` does where another save came first. Default `'merge'`. */
  readonly onConflict?: ConflictPolicy;
  /** The clock, in Unix milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

export interface OpenOptions {
  /** Leaves the loading to the first `await session.load()`. */
  readonly lazy?: boolean;
  /** Asks the store of record where a cache might answer: for what must not be a moment behind, such as an administrator's page. */
  readonly fresh?: boolean;
}

export interface RevokeSubjectOptions {
  /** A session that stays: the one from which "log out my other devices" was asked. */
  readonly except?: { readonly id: string };
}

const defaultMaxDataBytes = 65_536;

/** The sessions of an application: the one place where stores, codecs and time limits come together. */
export class Sessions<D extends object = SessionValues> {
  readonly #env: SessionEnvironment;
  readonly #onConflict: ConflictPolicy;

  constructor(options: SessionsOptions) {
    const { store, codec = new JsonCodec(), onConflict = 'merge', now = Date.now } = options;
    const most = store.capabilities.maxDataBytes;
    const { maxDataBytes = Math.min(defaultMaxDataBytes, most) } = options;
    if (!(maxDataBytes > 0 && maxDataBytes <= most))
      throw new TypeError(`maxDataBytes is 1 to ${most}: the store takes no more.`);
    if (onConflict !== 'merge' && onConflict !== 'reject') throw new TypeError(`onConflict is 'merge' or 'reject'.`);
    this.#env = { store, codec, lifetime: lifetimeOf(options), maxDataBytes, now, turns: new Turns() };
    this.#onConflict = onConflict;
  }

  /**
   * The session of a visitor's cookie: one load. Without a token, or with anything that is not the token of a live session, it is
   * a new one under a new token, of which the store learns nothing until it is saved. A store that fails rejects: a failure is
   * never taken for a new visitor.
   */
  async open(token?: string | null, { lazy = false, fresh = false }: OpenOptions = {}): Promise<Session<D>> {
    const known = isToken(token);
    const session = this.#session(known ? token : generateToken(), known ? 'unloaded' : 'unsent', fresh);
    if (!lazy) await session.load();
    return session;
  }

  /**
   * Runs a job on one session: load, change, save. Where another save comes first the function runs again on the fresh
   * session, so what it did to `session` is exact; it should have no other effects. It does not count as the visitor's activity. Rejects with
   * `SessionGoneError` where there is no such session, and with `SessionConflictError` where other saves kept coming first.
   */
  async transact<T>(id: string, job: (session: Session<D>) => T | Promise<T>): Promise<T> {
    assertSessionId(id);
    return traced('transact', { id }, async () => {
      for await (const _ of attempts()) {
        const session = await this.#find(id);
        const result = await job(session);
        try {
          await session.save();
          return result;
        } catch (error) {
          if (!isSessionError(error) || error.code !== 'SESSION_CONFLICT') throw error;
        }
      }
      throw new SessionConflictError('Other saves of the session kept coming first; the job was not saved.');
    });
  }

  /** All live sessions, as a job sees them: those that live all through are seen once. Needs a store that is `iterable`. */
  async *entries(): AsyncGenerator<Session<D>> {
    for await (const [id, record] of requireFacet(this.#env.store, 'iterable').entries()) {
      const session = this.#listed(id, record);
      if (session) yield session;
    }
  }

  /** The live sessions of a subject, as a job sees them. Needs a store with `bySubject`. */
  async bySubject(subject: string): Promise<Array<Session<D>>> {
    const found = await requireFacet(this.#env.store, 'bySubject').bySubject(subject);
    return found.map(([id, record]) => this.#listed(id, record)).filter((session) => session !== null);
  }

  /** Ends the session with this id for good, whoever is using it. `false`: there was none. */
  async revoke(id: string): Promise<boolean> {
    assertSessionId(id);
    return traced('revoke', { id }, () => this.#revoke(id));
  }

  /**
   * Ends every session of a subject and resolves to their number: "log out everywhere" (OWASP ASVS 7.4.2). One that moves to a new
   * token meanwhile is ended too. Needs a store with `bySubject`.
   */
  async revokeSubject(subject: string, { except }: RevokeSubjectOptions = {}): Promise<number> {
    const store = requireFacet(this.#env.store, 'bySubject');
    return traced('revoke', {}, async () => {
      let revoked = 0;
      for (const [id] of await store.bySubject(subject)) {
        if (id !== except?.id && (await this.#revoke(id))) revoked += 1;
      }
      return revoked;
    });
  }

  /** Removes expired records; resolves to their number. Nothing to do, and 0, for a store whose backend does it by itself. Run it from time to time, in as many processes as you like. */
  async sweep(options: SweepOptions = {}): Promise<number> {
    const { store } = this.#env;
    if (!store.capabilities.sweepable) return 0;
    return traced('sweep', {}, () => requireFacet(store, 'sweepable').deleteExpired(options));
  }

  #session(token: string, phase: SessionState['phase'], fresh: boolean): Session<D> {
    const asked = { onConflict: this.#onConflict, attended: true, phase, fresh };
    return new Session<D>({ ...this.#blank(idOf(token)), ...asked, token });
  }

  #blank(id: string): SessionState {
    const copy = new WorkingCopy(this.#env.codec, new Map());
    return {
      env: this.#env,
      onConflict: 'reject',
      attended: false,
      fresh: false,
      phase: 'open',
      token: null,
      id,
      base: null,
      copy,
      subject: undefined,
    };
  }

  async #find(id: string): Promise<Session<D>> {
    const { store, lifetime, now } = this.#env;
    const record = await store.load(id);
    const found = record && (await follow(this.#env, id, record, inGrace(this.#env)));
    if (!found || isOver(lifetime, found.record, now())) throw new SessionGoneError('There is no such session.');
    return this.#of(found.id, found.record, found.values);
  }

  #listed(id: string, record: SessionRecord): Session<D> | null {
    try {
      const values = this.#env.codec.decode(record.data, id);
      const isSession = moveOf(values) === undefined && !isOver(this.#env.lifetime, record, this.#env.now());
      return isSession ? this.#of(id, record, values) : null;
    } catch (error) {
      reportCorruptRecord(id, error);
      return null;
    }
  }

  #of(id: string, base: SessionRecord, values: ReadonlyMap<string, string>): Session<D> {
    const copy = new WorkingCopy(this.#env.codec, values);
    return new Session<D>({ ...this.#blank(id), base, copy, subject: base.subject });
  }

  async #revoke(id: string): Promise<boolean> {
    const { store } = this.#env;
    try {
      const record = await store.load(id);
      return record ? await end(this.#env, id, record) : false;
    } catch (error) {
      // What cannot be read cannot be claimed, but whoever revokes it wants it gone.
      if (isStoreError(error) && error.code === 'STORE_CORRUPT_RECORD') return store.delete(id);
      throw error;
    }
  }
}
