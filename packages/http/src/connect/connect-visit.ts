import { type Session, SessionGoneError } from '@stet/core';
import type { ResponseMarks } from '../cookie/response-marks.ts';
import type { CookieAttributes } from '../cookie/session-cookie.ts';
import { withStatus } from '../failure/error-status.ts';
import type { Visit } from '../visit/visit.ts';
import { ConnectCookie } from './connect-cookie.ts';
import { type ConnectSession, connectSessionOf, type SessionCallback } from './connect-session.ts';

/**
 * A visit whose session is worked with by callbacks. Its response waits for all that was begun, also where nobody waits
 * for the callback.
 */
export class ConnectVisit implements Pick<Visit<Record<string, unknown>>, 'commit' | 'marks'> {
  readonly cookie: ConnectCookie;
  readonly #request: object;
  #visit: Visit<Record<string, unknown>>;
  #underWay = 0;
  #isCommitted = false;
  #last: Promise<void> = Promise.resolve();

  constructor(request: object, visit: Visit<Record<string, unknown>>, attributes: CookieAttributes) {
    this.#request = request;
    this.#visit = visit;
    this.cookie = new ConnectCookie(() => this.session, attributes);
  }

  get session(): Session<Record<string, unknown>> {
    return this.#visit.session;
  }

  /** Puts `session` and `sessionID` on the request. The data is not touched before somebody looks. */
  give(): void {
    const { configurable, enumerable } = { configurable: true, enumerable: true };
    let session: ConnectSession | undefined;
    const look = (): ConnectSession => {
      session ??= this.#isCommitted ? (this.session.data as ConnectSession) : connectSessionOf(this);
      return session;
    };
    Object.defineProperty(this.#request, 'session', {
      configurable,
      enumerable,
      get: look,
      set(value: unknown) {
        Object.defineProperty(this, 'session', { configurable, enumerable, writable: true, value });
      },
    });
    Object.defineProperty(this.#request, 'sessionID', { configurable, enumerable, get: () => this.session.id });
  }

  save(callback?: SessionCallback): void {
    this.#run(() => this.session.save(), callback);
  }

  regenerate(callback?: SessionCallback): void {
    this.#run(async () => {
      await this.session.reset();
      this.give();
    }, callback);
  }

  reload(callback?: SessionCallback): void {
    this.#run(async () => {
      const reloaded = await this.#visit.reload();
      if (!reloaded) throw new SessionGoneError('There is no such session to load again.');
      this.#visit = reloaded;
      this.give();
    }, callback);
  }

  destroy(callback?: SessionCallback): void {
    Reflect.deleteProperty(this.#request, 'session');
    this.#run(() => this.session.destroy(), callback);
  }

  commit(status: number): Promise<void> | undefined {
    return this.#underWay > 0 ? this.#last.then(() => this.#commit(status)) : this.#commit(status);
  }

  marks(): ResponseMarks {
    return this.#visit.marks();
  }

  /** A session that the application has taken from the request is not saved. */
  #commit(status: number): Promise<void> | undefined {
    const given = Object.getOwnPropertyDescriptor(this.#request, 'session');
    if (!given || (!given.get && !given.value)) this.#visit.abandon();
    this.#isCommitted = true;
    return this.#visit.commit(status);
  }

  /** One after the other. What fails, and has no callback to tell, fails the response. */
  #run(work: () => Promise<void>, callback: SessionCallback | undefined): void {
    this.#underWay += 1;
    const done = this.#last.then(work);
    const settled = (): void => {
      this.#underWay -= 1;
    };
    this.#last = done.then(
      () => {
        settled();
        if (callback) process.nextTick(callback);
      },
      (error: unknown) => {
        settled();
        if (!callback) throw error;
        process.nextTick(callback, withStatus(error));
      },
    );
    this.#last.catch(() => {});
  }
}
