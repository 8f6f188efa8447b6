/** A place where requests wait for each other, so that they overlap for certain and not by luck. */
export class Meeting {
  #missing: number;
  readonly #complete = Promise.withResolvers<void>();

  constructor(expected: number) {
    this.#missing = expected;
  }

  /** Comes, and waits for the others. */
  join(): Promise<void> {
    this.#missing -= 1;
    if (this.#missing === 0) this.#complete.resolve();
    return this.#complete.promise;
  }
}

/** Something that waits to be let through. */
export class Gate {
  readonly #reached = Promise.withResolvers<void>();
  readonly #opened = Promise.withResolvers<void>();

  /** Somebody waits at it. */
  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  pass(): Promise<void> {
    this.#reached.resolve();
    return this.#opened.promise;
  }

  open(): void {
    this.#opened.resolve();
  }
}
