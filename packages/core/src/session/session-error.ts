/** How the saving of a session can fail for a reason that is not the store's. Codes are API, messages are not. */
export type SessionErrorCode =
  /** Other saves kept coming first, or `onConflict` is `'reject'` and one did. */
  | 'SESSION_CONFLICT'
  /** The session was destroyed, revoked or expired meanwhile. Nothing was saved, and nothing was created. */
  | 'SESSION_GONE'
  /** The session now belongs to another subject than when it was loaded. Nothing was saved. */
  | 'SESSION_CHANGED'
  /** The session was used before `load()`, or changed after it was committed to the response. */
  | 'SESSION_STATE';

const brand = Symbol.for('stet.SessionError');

/** A session that could not be saved, or was used out of turn. */
export class SessionError extends Error {
  override readonly name: string = 'SessionError';
  readonly code: SessionErrorCode;

  constructor(code: SessionErrorCode, message: string) {
    super(message);
    this.code = code;
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
