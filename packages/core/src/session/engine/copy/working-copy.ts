import { isDeepStrictEqual } from 'node:util';
import type { Codec, SessionValues } from '../../../codecs/codec.ts';
import { bring } from './bring.ts';
import { merge, own, put } from './merge.ts';
import { runAgain, runUpdater, type Update, type Updater } from './update.ts';

/** How many updates of each key there were at one moment. */
export type UpdateCounts = ReadonlyMap<string, number> | undefined;

/** What a copy was made of, or was last in step with. */
export interface Base {
  readonly text: string;
}

/**
 * One request's copy of a session's data. It is made when somebody looks. Changes are found by comparing its text with
 * that of the base, so that a value changed in place is noticed; where they are is only asked when another save came
 * first.
 */
export class WorkingCopy {
  readonly #codec: Codec;
  #base: Base;
  #values: SessionValues | undefined;
  /** The updates since the base, by key, in the order in which they ran. */
  #updates: Map<string, Update[]> | undefined;

  constructor(codec: Codec, base: Base) {
    this.#codec = codec;
    this.#base = base;
  }

  /** Without a prototype: a key such as `__proto__` is a key like any other. */
  get values(): SessionValues {
    this.#values ??= Object.setPrototypeOf(this.#codec.decode(this.#base.text), null) as SessionValues;
    return this.#values;
  }

  update(key: string, updater: Updater): void {
    const { values } = this;
    const { value, update } = runUpdater(this.#codec, key, updater, own(values, key));
    put(values, key, value);
    this.#updates ??= new Map();
    this.#updates.set(key, [...(this.#updates.get(key) ?? []), update]);
  }

  /**
   * The text of what is to be saved; `undefined` where nothing was changed. Throws a `TypeError` for what cannot be
   * kept.
   */
  changedText(): string | undefined {
    if (!this.#values) return undefined;
    const text = this.#codec.encode(this.#values);
    if (text === this.#base.text) return undefined;
    this.#codec.assertLossless(this.#values);
    return text;
  }

  /** How many updates have run by now. */
  countUpdates(): UpdateCounts {
    return this.#updates && new Map(Array.from(this.#updates, ([key, updates]) => [key, updates.length]));
  }

  /** A text was saved that had so many updates in it: it is the base of whatever has changed since. */
  settle(base: Base, updated: UpdateCounts): void {
    this.#base = base;
    for (const [key, count] of updated ?? []) this.#updates?.get(key)?.splice(0, count);
  }

  /** Somebody else's save came first: applies what was changed here to what they left. */
  rebase(theirs: Base): void {
    if (this.#values) {
      const base = this.#codec.decode(this.#base.text);
      const mine = this.#codec.decode(this.#codec.encode(this.#values));
      const left = this.#codec.decode(theirs.text);
      const merged = merge(base, mine, left) as SessionValues;
      // All updaters have run before anything is changed here: one may throw.
      const again = Array.from(this.#updates ?? [], ([key, updates]) => {
        const values = { base: own(base, key), mine: own(mine, key), theirs: own(left, key) };
        return { key, ...runAgain(this.#codec, key, updates, values) };
      });
      for (const { key, value } of again) {
        if (value === undefined) delete merged[key];
        else put(merged, key, value);
      }
      bring(this.#values, mine, merged);
      if (this.#updates) this.#updates = new Map(again.map(({ key, updates }) => [key, updates]));
    }
    this.#base = theirs;
  }

  /**
   * Makes a change of what was handed out throw, where its code is strict. What is in the values may be the
   * application's own, and stays as it is.
   */
  close(): void {
    if (this.#values) Object.freeze(this.#values);
  }

  /** A copy of the values as they are now, for whoever may look and not change. */
  snapshot(): SessionValues {
    return this.#codec.decode(this.#values ? this.#codec.encode(this.#values) : this.#base.text);
  }

  /** Why a session that was saved again and again is different each time. */
  keepsChanging(): TypeError {
    const [saved, now] = [this.#codec.decode(this.#base.text), this.snapshot()];
    const keys = Object.keys({ ...saved, ...now }).filter((key) => !isDeepStrictEqual(own(saved, key), own(now, key)));
    return new TypeError(
      `The session's ${keys.map((key) => JSON.stringify(key)).join(', ')} cannot be kept: the value was different each time that it was encoded.`,
    );
  }
}
