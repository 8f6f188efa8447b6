import { isStoreError, StoreError } from '../../contract/store-error.ts';

/**
 * Lets work on one thing take turns within this process: the first begins at once, whoever comes meanwhile waits.
 * Nothing depends on it for correctness, which is the store's compare-and-set: it keeps saves that have met from losing
 * to each other again and again. Where the store leaves one without an answer, those who wait are told so instead of
 * waiting for it each in turn.
 */
export class Turns {
  readonly #last = new Map<unknown, Promise<unknown>>();

  isTaken(key: unknown): boolean {
    return this.#last.has(key);
  }

  /** `work` is given what the turn before it came to, where it had to wait for one. */
  take<T>(key: unknown, work: (before?: T) => Promise<T>): Promise<T> {
    const before = this.#last.get(key) as Promise<T> | undefined;
    const mine = before ? before.then(work, (error) => (isSilence(error) ? refuse(error) : work())) : work();
    this.#last.set(key, mine);
    const leave = () => {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    };
    mine.then(leave, leave);
    return mine;
  }
}

/** Whether the store could not answer, so that it would not answer others either. */
function isSilence(error: unknown): boolean {
  return isStoreError(error) && (error.retryable || error.code === 'STORE_AMBIGUOUS');
}

function refuse(cause: unknown): never {
  throw new StoreError(
    'STORE_UNAVAILABLE',
    'The store did not answer an earlier save of this session; this one was not tried, and nothing of it was saved.',
    { cause },
  );
}
