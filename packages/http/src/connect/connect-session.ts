import type { ConnectCookie } from './connect-cookie.ts';
import type { ConnectVisit } from './connect-visit.ts';

/** As express-session calls back: with an error, or with nothing. */
export type SessionCallback = (error?: unknown) => void;

/**
 * `request.session` as express-session has it: the data as properties of its own, and these, which no listing of its
 * keys shows.
 */
export interface ConnectSession {
  /** What may be logged; not the secret in the cookie, as express-session has it. */
  readonly id: string;
  readonly cookie: ConnectCookie;
  /** Saves now; the response does so by itself. */
  save(callback?: SessionCallback): this;
  /** Ends the session, and goes on with an empty one under a new token, as `request.session`. */
  regenerate(callback?: SessionCallback): this;
  /** Drops what was changed here, and puts the session as the store has it into `request.session`. */
  reload(callback?: SessionCallback): this;
  /** Ends the session for good, and takes it from the request. */
  destroy(callback?: SessionCallback): this;
  /** Nothing to do: a request puts off the end of its session by itself. */
  touch(): this;
  /** As {@link touch}. */
  resetMaxAge(): this;
  // biome-ignore lint/suspicious/noExplicitAny: the application's own keys.
  [key: string]: any;
}

const visits = new WeakMap<object, ConnectVisit>();

function visitOf(session: object): ConnectVisit {
  const visit = visits.get(session);
  if (!visit) throw new TypeError('The methods of a session are for request.session itself, not for a copy of it.');
  return visit;
}

type Method = 'save' | 'regenerate' | 'reload' | 'destroy';

function calling(method: Method): (this: object, callback?: SessionCallback) => object {
  return function (callback) {
    visitOf(this)[method](callback);
    return this;
  };
}

function itself(this: object): object {
  return this;
}

/**
 * Stands behind the data of a session. It has no prototype itself, so that the data is a plain object for whoever
 * encodes it, and what every object has is copied.
 */
const prototype = Object.create(null, {
  ...Object.getOwnPropertyDescriptors({
    hasOwnProperty: Object.prototype.hasOwnProperty,
    propertyIsEnumerable: Object.prototype.propertyIsEnumerable,
    toString: Object.prototype.toString,
    valueOf: Object.prototype.valueOf,
    save: calling('save'),
    regenerate: calling('regenerate'),
    reload: calling('reload'),
    destroy: calling('destroy'),
    touch: itself,
    resetMaxAge: itself,
    get id(): string {
      return visitOf(this).session.id;
    },
    get cookie(): ConnectCookie {
      return visitOf(this).cookie;
    },
  }),
});
for (const name of Object.keys(prototype)) Object.defineProperty(prototype, name, { enumerable: false });

/**
 * The data of a visit's session with the methods of express-session: the very object that is saved, so that nothing has
 * to be copied.
 */
export function connectSessionOf(visit: ConnectVisit): ConnectSession {
  const { data } = visit.session;
  if (visits.get(data) !== visit) {
    Object.setPrototypeOf(data, prototype);
    visits.set(data, visit);
  }
  return data as ConnectSession;
}
