/** A place where requests wait for each other, so that they overlap for certain and not by luck. */
export class Meeting {
  #missing: number;
  readonly #complete = Promise.withResolvers<void>();

  constructor(expected: number) {
    this.#missing = expected;
  }

  /** Resolves once all who are expected have come. */
  get complete(): Promise<void> {
    return this.#complete.promise;
  }

  /** Comes, and waits for the others. */
  join(): Promise<void> {
    this.#missing -= 1;
    if (this.#missing === 0) this.#complete.resolve();
    return this.complete;
  }
}
