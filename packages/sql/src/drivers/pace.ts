/** How long statements may hold up all else in this process before it has its turn, in milliseconds. */
const longestHoldMs = 10;

/**
 * For a driver that answers at once, and so keeps the whole process waiting: thousands of calls in a row would let no
 * timer run, and none of them would see that its time is up. A task runs at once as long as the others since the last
 * turn of the event loop took little time. Else it waits for one of the next turns.
 */
export class Pace {
  readonly #waiting = new Set<() => void>();
  #heldMs = 0;
  #isTurnAwaited = false;

  run<T>(task: () => T): T | Promise<T> {
    if (this.#waiting.size === 0 && this.#heldMs < longestHoldMs) return this.#runNow(task);
    return new Promise((resolve, reject) => {
      this.#waiting.add(() => {
        try {
          resolve(this.#runNow(task));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #runNow<T>(task: () => T): T {
    if (!this.#isTurnAwaited) {
      this.#isTurnAwaited = true;
      setImmediate(this.#onTurn);
    }
    const startedAt = performance.now();
    try {
      return task();
    } finally {
      this.#heldMs += performance.now() - startedAt;
    }
  }

  readonly #onTurn = (): void => {
    this.#isTurnAwaited = false;
    this.#heldMs = 0;
    for (const run of this.#waiting) {
      if (this.#heldMs >= longestHoldMs) return;
      this.#waiting.delete(run);
      run();
    }
  };
}
