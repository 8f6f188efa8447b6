const retryMs = 1_000;
const mostIds = 10_000;

/**
 * The entries that a front could not be told to drop. Until it was told, or until they are too old to be served by
 * anybody, this process does not trust the front for them.
 */
export class Invalidations {
  readonly #drop: (id: string) => Promise<void>;
  readonly #now: () => number;
  /** Until when each entry may be served. */
  readonly #pending = new Map<string, { readonly until: number }>();
  /** Until when the front is not trusted for any id: what there was no room to remember one by one. */
  #overflowUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param drop Deletes an entry from the front, or rejects. */
  constructor(drop: (id: string) => Promise<void>, now: () => number) {
    this.#drop = drop;
    this.#now = now;
  }

  /** Whether the front may hold an older state than this process knows of. */
  has(id: string): boolean {
    if (this.#pending.size === 0 && this.#overflowUntil === 0) return false;
    const now = this.#now();
    return now < this.#overflowUntil || now < (this.#pending.get(id)?.until ?? 0);
  }

  /** Drops the entry in the background, again and again until that is confirmed or `until` has passed. */
  add(id: string, until: number): void {
    if (this.#isClosed) return;
    if (this.#pending.size < mostIds || this.#pending.has(id)) this.#pending.set(id, { until });
    else this.#overflowUntil = until;
    this.#schedule();
  }

  close(): void {
    this.#isClosed = true;
    this.#pending.clear();
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#retry(), retryMs).unref();
  }

  async #retry(): Promise<void> {
    try {
      for (const [id, invalidation] of this.#pending) {
        if (this.#now() < invalidation.until) await this.#drop(id);
        // Another write may have failed to tell the front meanwhile, after this drop took effect.
        if (this.#pending.get(id) === invalidation) this.#pending.delete(id);
      }
    } catch {
      // The front is still unreachable, which has been reported; the rest is for the next turn.
    }
    this.#timer = undefined;
    if (this.#pending.size > 0) this.#schedule();
  }
}
