import { StoreError } from '@stet/core';

/**
 * A delete that stands in the back, while the front could not be told. Nothing can bring the record back, no write to
 * it will succeed, and this process no longer serves it; another may from the front, until `mayBeServedUntil`. The
 * front goes on being told in the background.
 */
export class DeleteUnconfirmedError extends StoreError {
  /** Until when the front may still serve the deleted record, in Unix milliseconds. */
  readonly mayBeServedUntil: number;

  constructor(mayBeServedUntil: number, options: { cause: unknown }) {
    const until = new Date(mayBeServedUntil).toISOString();
    super(
      'STORE_AMBIGUOUS',
      `The record is deleted, but the front could not be told: it may be read there until ${until}.`,
      options,
    );
    this.mayBeServedUntil = mayBeServedUntil;
  }
}
