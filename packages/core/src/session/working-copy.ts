import type { Codec, SessionValues } from '../codecs/codec.ts';
import { changesBetween, encodeValue, encodeValues } from './value-texts.ts';

/** Computes a value from the one before. Runs again on the fresh value when another save came first, so it must depend on nothing else. */
export type Updater = (value: unknown) => unknown;

/** The texts of all values at one moment, and how many updaters had run for each key by then. */
export interface Snapshot {
  readonly texts: ReadonlyMap<string, string>;
  readonly changed: boolean;
  readonly updatersRun: ReadonlyMap<string, number>;
}

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
    const texts = encodeValues(this.#codec, this.data);
    return {
      texts,
      changed: changesBetween(this.#base, texts).size > 0,
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
    const mine = changesBetween(this.#base, this.snapshot().texts);
    for (const [key, text] of changesBetween(this.#base, theirs)) {
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

  #encode(key: string): string | undefined {
    return encodeValue(this.#codec, key, this.data[key]);
  }
}
