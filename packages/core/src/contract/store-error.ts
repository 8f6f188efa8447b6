import { withoutData } from './driver-error.ts';

/** The ways in which a store can fail. Codes are API and change only with a major version; messages are not. */
export type StoreErrorCode =
  /** The backend cannot be reached, refuses, is full or is read-only. Nothing was written. */
  | 'STORE_UNAVAILABLE'
  /** A read did not settle within `timeoutMs`. */
  | 'STORE_TIMEOUT'
  /** A write may or may not have happened, and the store could not find out. Load the record to learn which. */
  | 'STORE_AMBIGUOUS'
  /** What is kept for the id cannot be read as a record. It is left as it is, for inspection. */
  | 'STORE_CORRUPT_RECORD'
  /** The data has more bytes than `capabilities.maxDataBytes`. Nothing was written. */
  | 'STORE_TOO_LARGE'
  /** The store was closed. */
  | 'STORE_CLOSED'
  /** The store lacks the facet that was asked for; its capabilities say so. */
  | 'STORE_UNSUPPORTED';

const brand = Symbol.for('stet.StoreError');

const worthRetrying: ReadonlySet<StoreErrorCode> = new Set(['STORE_UNAVAILABLE', 'STORE_TIMEOUT']);

/**
 * A failure of a store. What a driver said is its `cause`: a copy of the driver's error without session data, ids or
 * arguments (contract rule 11.14), so that the error may be logged as it is.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  /**
   * Whether the same call may succeed later without any change by the caller. Never true once a write may have
   * happened.
   */
  readonly retryable: boolean;
  /**
   * The HTTP status that says what the failure means to the client, where Express and Koa look for it: 503 where a
   * later call may succeed, else 500.
   */
  readonly status: 500 | 503;
  /** The same, where Fastify looks for it. */
  readonly statusCode: 500 | 503;

  constructor(code: StoreErrorCode, message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: safeCause(options.cause) });
    this.code = code;
    this.retryable = options.retryable ?? worthRetrying.has(code);
    this.status = this.retryable || code === 'STORE_AMBIGUOUS' ? 503 : 500;
    this.statusCode = this.status;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** A StoreError has been through here before. */
function safeCause(cause: unknown): unknown {
  return isStoreError(cause) ? cause : withoutData(cause);
}

/** Recognises a StoreError of any copy of this package: the ESM and the CommonJS build are different classes. */
export function isStoreError(value: unknown): value is StoreError {
  return typeof value === 'object' && value !== null && brand in value;
}
