import { isStoreError, StoreError } from '@stet/core';

const failuresToOpen = 5;
const pauseMs = 1_000;

/**
 * Keeps a front that does not answer from costing every request its deadline. After five failures in a row calls are
 * refused at once; then one call a second is let through, and the first that succeeds lets all through again.
 */
export class CircuitBreaker {
  readonly #now: () => number;
  #failures = 0;
  #nextProbeAt = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Makes the call, or rejects with `STORE_UNAVAILABLE` without making it. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    this.#admit();
    try {
      const result = await call();
      this.#failures = 0;
      return result;
    } catch (error) {
      if (isAnswer(error)) this.#failures = 0;
      else this.#fail();
      throw error;
    }
  }

  #admit(): void {
    if (this.#failures < failuresToOpen) return;
    const now = this.#now();
    // A clock that was set back would otherwise keep the front out for as long.
    if (now < this.#nextProbeAt && this.#nextProbeAt - now <= pauseMs) {
      throw new StoreError('STORE_UNAVAILABLE', 'The front failed repeatedly and is left alone for a moment.');
    }
    this.#nextProbeAt = now + pauseMs;
  }

  #fail(): void {
    this.#failures += 1;
    if (this.#failures >= failuresToOpen) this.#nextProbeAt = this.#now() + pauseMs;
  }
}

/** An error by which a front shows that it is there: a `TypeError` is a refused argument. */
function isAnswer(error: unknown): boolean {
  if (error instanceof TypeError) return true;
  return isStoreError(error) && (error.code === 'STORE_CORRUPT_RECORD' || error.code === 'STORE_TOO_LARGE');
}
