import type { Codec, SessionValues } from './codec.ts';

/** Computes a value from the one before. Runs again on the fresh value when another save came first, so it must depend on nothing else. */
export type Updater = (value: unknown) => unknown;

/** The texts of all values at one moment, and how many updaters had run for each key by then. */
export interface Snapshot {
  readonly texts: ReadonlyMap<string, string>;
  readonly changed: boolean;
  readonly updatersRun: ReadonlyMap<string, number>;
}

/** Keys that records use for themselves. */
export const reservedPrefix = '@stet/';

/**
 * One request's copy of a session's data, and what it was copied from. Changes are found by comparing texts, so that a
 * value changed in place is noticed; they are kept apart by top-level key, so that they can be applied to a newer base.
 */
export class WorkingCopy {
  /** Without a prototype: a key such as `__proto__` is a key like any other. */
  readonly data: SessionValues = Object.create(null);
  readonly #codec: Codec;
  #base: ReadonlyMap<string, string>;
  /** Per key: the updaters that made the present value from the base, and the text they led to. */
  readonly #updates = new Map<string, { updaters: Updater[]; text: string | undefined }>();

  constructor(codec: Codec, base: ReadonlyMap<string, string>) {
    this.#codec = codec;
    this.#base = base;
    for (const [key, text] of base) this.data[key] = codec.decodeValue(text);
  }

  update(key: string, updater: Updater): void {
    const before = this.#encode(key);
    const known = this.#updates.get(key);
    const derivedFromBase = known ? known.text === before : this.#base.get(key) === before;
    this.data[key] = this.#run(updater, key, before);
    if (derivedFromBase) {
      this.#updates.set(key, { updaters: [...(known?.updaters ?? []), updater], text: this.#encode(key) });
    } else {
      this.#updates.delete(key);
    }
  }

  snapshot(): Snapshot {
    const texts = new Map<string, string>();
    for (const key of Object.keys(this.data)) {
      const text = this.#encode(key);
      if (text !== undefined) texts.set(key, text);
    }
    return {
      texts,
      changed: this.#changedKeys(texts).size > 0,
      updatersRun: new Map(Array.from(this.#updates, ([key, { updaters }]) => [key, updaters.length])),
    };
  }

  /** The snapshot was saved: it is the base of whatever has changed since. */
  settle({ texts, updatersRun }: Snapshot): void {
    this.#base = texts;
    for (const [key, count] of updatersRun) {
      const update = this.#updates.get(key);
      update?.updaters.splice(0, count);
      if (update?.updaters.length === 0) this.#updates.delete(key);
    }
  }

  /** Somebody else's save came first: applies what was changed here to what they left. */
  rebase(theirs: ReadonlyMap<string, string>): void {
    const mine = this.#changedKeys(this.snapshot().texts);
    for (const key of new Set([...this.#base.keys(), ...theirs.keys()])) {
      const text = theirs.get(key);
      if (text === this.#base.get(key)) continue;
      const update = this.#updates.get(key);
      if (update && update.text === this.#encode(key)) this.#rerun(key, update.updaters, text);
      else if (!mine.has(key)) this.#assign(key, text);
    }
    this.#base = theirs;
  }

  #rerun(key: string, updaters: Updater[], text: string | undefined): void {
    let latest = text;
    for (const updater of updaters) {
      this.data[key] = this.#run(updater, key, latest);
      latest = this.#encode(key);
    }
    this.#updates.set(key, { updaters, text: latest });
  }

  #assign(key: string, text: string | undefined): void {
    if (text === undefined) delete this.data[key];
    else this.data[key] = this.#codec.decodeValue(text);
  }

  /** The updater works on a value of its own, so that one that fails leaves no half-made change behind. */
  #run(updater: Updater, key: string, text: string | undefined): unknown {
    const next = updater(text === undefined ? undefined : this.#codec.decodeValue(text));
    if (next !== undefined && !(next instanceof Promise)) return next;
    throw new TypeError(
      `The updater of ${JSON.stringify(key)} must return the new value, not ${next ? 'a promise' : 'undefined'}.`,
    );
  }

  #changedKeys(texts: ReadonlyMap<string, string>): Set<string> {
    const keys = new Set([...this.#base.keys(), ...texts.keys()]);
    for (const key of keys) if (this.#base.get(key) === texts.get(key)) keys.delete(key);
    return keys;
  }

  #encode(key: string): string | undefined {
    if (key.startsWith(reservedPrefix)) throw new TypeError(`Keys that begin with ${reservedPrefix} are reserved.`);
    try {
      return this.#codec.encodeValue(this.data[key]);
    } catch (cause) {
      throw new TypeError(`session.data[${JSON.stringify(key)}] cannot be kept: ${(cause as Error).message}`, {
        cause,
      });
    }
  }
}
