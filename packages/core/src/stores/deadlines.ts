import { StoreError } from '../contract/store-error.ts';

/** What a store does that a caller waits for. A read that runs out of time is known to have changed nothing. */
export type OperationKind = 'read' | 'write';

/** By when one call of a store has to settle. */
export class Deadline {
  readonly kind: OperationKind;
  readonly timeoutMs: number;
  /** The time is up and the caller has left. */
  isPast = false;
  #endsAt = Number.POSITIVE_INFINITY;

  constructor(kind: OperationKind, timeoutMs: number) {
    this.kind = kind;
    this.timeoutMs = timeoutMs;
    this.begin();
  }

  /** Starts the time, or starts it again for the next step of a listing. */
  begin(): void {
    this.#endsAt = performance.now() + this.timeoutMs;
    this.isPast = false;
  }

  /**
   * The error that the caller gets when the time is up: `STORE_TIMEOUT` for a read, and `STORE_AMBIGUOUS` for a write,
   * which may yet happen. A store that knows more, such as that nothing was sent yet, puts a function of its own in
   * this place.
   */
  explain(): StoreError {
    return this.kind === 'read'
      ? new StoreError('STORE_TIMEOUT', `The store did not answer within ${this.timeoutMs} ms.`)
      : new StoreError(
          'STORE_AMBIGUOUS',
          `The store did not confirm the write within ${this.timeoutMs} ms. The write may have happened, or may yet happen.`,
        );
  }

  /** Milliseconds until the time is up, at least 0. `now` is of `performance.now()`. */
  leftMs(now: number = performance.now()): number {
    return Math.max(0, this.#endsAt - now);
  }

  /** Throws once the caller has left: a store calls it before each further step, so that no write is sent late. */
  assertAhead(): void {
    if (this.isPast || this.leftMs() === 0) throw this.explain();
  }
}

/**
 * The calls of one store that are under way. They all may take equally long, so that they run out of time in the order
 * in which they began, and one timer for the oldest is enough. A call that settles in time touches no timer.
 */
export class Deadlines {
  readonly timeoutMs: number;
  readonly #underWay = new Map<Deadline, (error: StoreError) => void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /** Makes a call that has its time from now on, and settles as {@link within} does. */
  run<T>(kind: OperationKind, call: (deadline: Deadline) => PromiseLike<T>): Promise<T> {
    const deadline = new Deadline(kind, this.timeoutMs);
    return this.within<T, T>(deadline, call(deadline), asItIs, asItIs);
  }

  /** Settles as the result of a call does, after `finish` or `told`; or rejects when the time of the call is up. */
  within<T, R>(
    deadline: Deadline,
    result: PromiseLike<T>,
    finish: (value: T) => R,
    told: (error: unknown) => unknown,
  ): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#begin(deadline, reject);
      result.then(
        (value) => {
          this.#end(deadline);
          try {
            resolve(finish(value));
          } catch (error) {
            reject(error);
          }
        },
        (error) => {
          this.#end(deadline);
          reject(told(error));
        },
      );
    });
  }

  /**
   * Watches a call, which is rejected when its time is up. The call itself goes on; what it comes to later is dropped.
   */
  #begin(deadline: Deadline, reject: (error: StoreError) => void): void {
    if (this.timeoutMs === Number.POSITIVE_INFINITY) return;
    if (this.#underWay.size === 0) this.#timer?.ref();
    this.#underWay.set(deadline, reject);
    this.#timer ??= setTimeout(this.#onTime, this.timeoutMs);
  }

  #end(deadline: Deadline): void {
    // The timer stays for the next call, and keeps no process alive meanwhile.
    if (this.#underWay.delete(deadline) && this.#underWay.size === 0) this.#timer?.unref();
  }

  /**
   * An answer that has arrived, and was not read yet because this process was busy, still counts: it is read first. So
   * what counts is the time before that. A call may begin only then, and its own answer is not read yet.
   */
  readonly #onTime = (): void => {
    const now = performance.now();
    setImmediate(() => {
      this.#timer = undefined;
      for (const [deadline, reject] of this.#underWay) {
        const leftMs = deadline.leftMs(now);
        if (leftMs > 0) {
          this.#timer = setTimeout(this.#onTime, Math.ceil(leftMs));
          return;
        }
        deadline.isPast = true;
        this.#underWay.delete(deadline);
        reject(deadline.explain());
      }
    });
  };
}

export function asItIs<T, R>(value: T): R {
  return value as unknown as R;
}
