import type { Socket } from 'node:net';

/** A command that waits for its answer. */
export interface Waiting {
  readonly endsAt: number;
  /** What it was sent over, where that is known. */
  readonly connection: Socket | undefined;
  giveUp(): void;
}

/**
 * The commands of one client that wait for an answer. They are given up when their time is up or their connection
 * closes. One timer serves all of them, and a command that is answered in time seldom touches it.
 */
export class WaitingRoom {
  readonly #waiting = new Set<Waiting>();
  readonly #watched = new WeakSet<Socket>();
  #timer: NodeJS.Timeout | undefined;
  #firesAt = Number.POSITIVE_INFINITY;

  begin(waiting: Waiting): void {
    this.#waiting.add(waiting);
    if (waiting.endsAt < this.#firesAt) this.#fireAt(waiting.endsAt);
    const { connection } = waiting;
    if (!connection || this.#watched.has(connection)) return;
    this.#watched.add(connection);
    connection.once('close', () => this.#giveUp((each) => each.connection === connection));
  }

  /** `false`: the command was given up or answered before. */
  end(waiting: Waiting): boolean {
    return this.#waiting.delete(waiting);
  }

  #fireAt(instant: number): void {
    clearTimeout(this.#timer);
    this.#firesAt = instant;
    this.#timer = setTimeout(this.#onTime, Math.max(0, Math.ceil(instant - performance.now()))).unref();
  }

  /**
   * An answer that has arrived, and was not read yet because this process was busy, still counts: it is read first. So
   * what counts is the time before that. A command may begin only then, and its own answer is not read yet.
   */
  readonly #onTime = (): void => {
    const now = performance.now();
    setImmediate(() => {
      this.#firesAt = Number.POSITIVE_INFINITY;
      this.#giveUp(({ endsAt }) => endsAt <= now);
      let next = Number.POSITIVE_INFINITY;
      for (const { endsAt } of this.#waiting) next = Math.min(next, endsAt);
      if (next < this.#firesAt) this.#fireAt(next);
    });
  };

  #giveUp(which: (waiting: Waiting) => boolean): void {
    for (const waiting of this.#waiting) {
      if (which(waiting) && this.#waiting.delete(waiting)) waiting.giveUp();
    }
  }
}
