interface Held<E> {
  readonly entry: E;
  readonly bytes: number;
  readonly subject: string | undefined;
}

/**
 * Entries by id, with an index by subject. When there are too many, or they are too large together, those that were not
 * used for longest are dropped.
 */
export class BoundedEntries<E> {
  /** In order of use, the least recently used first. */
  readonly #held = new Map<string, Held<E>>();
  readonly #idsBySubject = new Map<string, Set<string>>();
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor({ maxEntries, maxBytes }: { readonly maxEntries: number; readonly maxBytes: number }) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  get(id: string): E | undefined {
    return this.#held.get(id)?.entry;
  }

  /** The entry, which becomes the most recently used one. */
  use(id: string): E | undefined {
    const held = this.#held.get(id);
    if (!held) return undefined;
    this.#held.delete(id);
    this.#held.set(id, held);
    return held.entry;
  }

  set(id: string, entry: E, bytes: number, subject?: string): void {
    this.delete(id);
    this.#held.set(id, { entry, bytes, subject });
    this.#bytes += bytes;
    if (subject !== undefined) this.#list(id, subject);
    while (this.#held.size > this.#maxEntries || this.#bytes > this.#maxBytes) {
      const oldest = this.#held.keys().next();
      if (oldest.done) return;
      this.delete(oldest.value);
    }
  }

  delete(id: string): void {
    const held = this.#held.get(id);
    if (!held) return;
    this.#held.delete(id);
    this.#bytes -= held.bytes;
    if (held.subject !== undefined) this.#unlist(id, held.subject);
  }

  clear(): void {
    this.#held.clear();
    this.#idsBySubject.clear();
    this.#bytes = 0;
  }

  ids(): Iterable<string> {
    return this.#held.keys();
  }

  idsOf(subject: string): readonly string[] {
    return Array.from(this.#idsBySubject.get(subject) ?? []);
  }

  #list(id: string, subject: string): void {
    const ids = this.#idsBySubject.get(subject);
    if (ids) ids.add(id);
    else this.#idsBySubject.set(subject, new Set([id]));
  }

  #unlist(id: string, subject: string): void {
    const ids = this.#idsBySubject.get(subject);
    ids?.delete(id);
    if (ids?.size === 0) this.#idsBySubject.delete(subject);
  }
}
