/** How the saving of a session can fail for a reason that is not the store's. Codes are API, messages are not. */
export type SessionErrorCode =
  /** Other saves kept coming first, or `onConflict` is `'reject'` and one did. */
  | 'SESSION_CONFLICT'
  /** The session was destroyed, revoked or expired meanwhile. Nothing was saved, and nothing was created. */
  | 'SESSION_GONE'
  /** The session now belongs to another subject than when it was loaded. Nothing was saved. */
  | 'SESSION_CHANGED'
  /** The session was used before `load()`, or changed after it was committed to the response. */
  | 'SESSION_STATE'
  /** Some sessions of a subject could not be ended. The others were. */
  | 'SESSION_NOT_REVOKED';

const brand = Symbol.for('stet.SessionError');

/**
 * 409: the request met another one that ended or changed the session. 503: the same call may succeed the next time.
 * 500: a mistake of the program.
 */
const statuses = {
  SESSION_CONFLICT: 409,
  SESSION_GONE: 409,
  SESSION_CHANGED: 409,
  SESSION_STATE: 500,
  SESSION_NOT_REVOKED: 503,
} as const satisfies Record<SessionErrorCode, number>;

/** A session that could not be saved, or was used out of turn. */
export class SessionError extends Error {
  override readonly name: string = 'SessionError';
  readonly code: SessionErrorCode;
  /** The HTTP status that says what the failure means to the client, where Express and Koa look for it. */
  readonly status: 409 | 500 | 503;
  /** The same, where Fastify looks for it. */
  readonly statusCode: 409 | 500 | 503;

  constructor(code: SessionErrorCode, message: string) {
    super(message);
    this.code = code;
    this.status = statuses[code];
    this.statusCode = this.status;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Other saves of the session kept coming first. Load it again and decide anew. */
export class SessionConflictError extends SessionError {
  override readonly name = 'SessionConflictError';
  constructor(message: string) {
    super('SESSION_CONFLICT', message);
  }
}

/** The session ended while this copy of it was in use. The visitor starts anew. */
export class SessionGoneError extends SessionError {
  override readonly name = 'SessionGoneError';
  constructor(message: string) {
    super('SESSION_GONE', message);
  }
}

/** The session changed hands while this copy of it was in use: its changes belong to somebody else. */
export class SessionChangedError extends SessionError {
  override readonly name = 'SessionChangedError';
  constructor(message: string) {
    super('SESSION_CHANGED', message);
  }
}

/** "Log out everywhere" did not reach everywhere. Call it again to end what is left. */
export class SessionRevocationError extends SessionError {
  override readonly name = 'SessionRevocationError';
  /** How many sessions were ended. */
  readonly revoked: number;
  /** Why the others were not: an error for each. */
  readonly errors: readonly unknown[];

  constructor(revoked: number, errors: readonly unknown[]) {
    super('SESSION_NOT_REVOKED', `${errors.length} sessions of the subject could not be ended; ${revoked} were.`);
    this.revoked = revoked;
    this.errors = errors;
  }
}

/** The session was used before it was loaded, or changed after it was destroyed or committed. */
export class SessionStateError extends SessionError {
  override readonly name = 'SessionStateError';
  constructor(message: string) {
    super('SESSION_STATE', message);
  }
}

/** Recognises a SessionError of any copy of this package: the ESM and the CommonJS build are different classes. */
export function isSessionError(value: unknown): value is SessionError {
  return typeof value === 'object' && value !== null && brand in value;
}
