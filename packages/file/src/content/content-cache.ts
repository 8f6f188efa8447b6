import type { Content } from './content-text.ts';

/** What an entry takes besides its texts, about. */
const entryBytes = 256;

/**
 * Contents by the names of their files. A name stands for one content for ever, so what is here is never out of date:
 * whether it is still the session's is the head's to say. Those that were not used for longest make room for others.
 */
export class ContentCache {
  /** In order of use, the least recently used first. */
  readonly #contents = new Map<string, Content>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What all entries take together, in bytes: at most the limit that was given. */
  get bytes(): number {
    return this.#bytes;
  }

  get(name: string): Content | undefined {
    const content = this.#contents.get(name);
    if (content) {
      this.#contents.delete(name);
      this.#contents.set(name, content);
    }
    return content;
  }

  set(name: string, content: Content): void {
    this.delete(name);
    this.#contents.set(name, content);
    this.#bytes += bytesOf(name, content);
    for (const oldest of this.#contents.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.delete(oldest);
    }
  }

  delete(name: string): void {
    const content = this.#contents.get(name);
    if (!content) return;
    this.#contents.delete(name);
    this.#bytes -= bytesOf(name, content);
  }
}

/** Two bytes a character, as the engine keeps texts that are not Latin. */
function bytesOf(name: string, { data, subject = '' }: Content): number {
  return entryBytes + 2 * (name.length + data.length + subject.length);
}
