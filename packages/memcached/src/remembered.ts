import type { SessionRecord } from '@stet/core';
import type { Held } from './store-call.ts';

/** Hands the new object that `super()` makes on, so that a private field is put into a record. */
class Itself {
  constructor(record: SessionRecord) {
    // biome-ignore lint/correctness/noConstructorReturn: that is what the class is for
    return record as unknown as Itself;
  }
}

/**
 * What was read together with a record, kept in the record itself, where nobody else sees it and no copy takes it
 * along. A `WeakMap` would do the same, but takes as long as all else that a load does.
 */
class Remembered extends Itself {
  readonly #held: Held;

  constructor(record: SessionRecord, held: Held) {
    super(record);
    this.#held = held;
  }

  static in(record: object): Held | undefined {
    return #held in record ? record.#held : undefined;
  }
}

/** Remembers what a record was read with, and freezes it. */
export function remember(record: SessionRecord, held: Held): void {
  if (!Object.isFrozen(record)) Object.freeze(new Remembered(record, held));
}

export function remembered(record: SessionRecord): Held | undefined {
  return Remembered.in(record);
}
