import { isDeepStrictEqual } from 'node:util';
import type { Codec } from '../../../codecs/codec.ts';
import { merge } from './merge.ts';

/**
 * Computes a value from the one before. Runs again on the fresh value when another save came first, so it must depend
 * on nothing else.
 */
export type Updater = (value: unknown) => unknown;

/** One run of an updater: the text of the value that it was given, and of the one that it gave. */
export interface Update {
  readonly updater: Updater;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Runs an updater on a value of its own, so that one that fails leaves no half-made change behind. */
export function runUpdater(
  codec: Codec,
  key: string,
  updater: Updater,
  value: unknown,
): { value: unknown; update: Update } {
  const before = textOf(codec, value);
  const next = updater(valueIn(codec, before));
  if (next === undefined || next instanceof Promise) {
    const given = next === undefined ? 'undefined' : 'a promise';
    throw new TypeError(`The updater of ${JSON.stringify(key)} must return the new value, not ${given}.`);
  }
  codec.assertLossless({ [key]: next });
  return { value: next, update: { updater, before, after: textOf(codec, next) } };
}

/**
 * Runs the updates of one key again, on what another save left of it. What was done to the value before, between and
 * after them is a change like any other, and is merged in at its place.
 */
export function runAgain(
  codec: Codec,
  key: string,
  updates: readonly Update[],
  { base, mine, theirs }: { readonly base: unknown; readonly mine: unknown; readonly theirs: unknown },
): { value: unknown; updates: Update[] } {
  if (isDeepStrictEqual(base, theirs)) return { value: mine, updates: [...updates] };
  let [seen, value] = [base, theirs];
  const again: Update[] = [];
  for (const { updater, before, after } of updates) {
    const ran = runUpdater(codec, key, updater, merge(seen, valueIn(codec, before), value));
    again.push(ran.update);
    seen = valueIn(codec, after);
    value = valueIn(codec, ran.update.after);
  }
  return { value: merge(seen, mine, value), updates: again };
}

/** `undefined` for a value that is not there. */
function textOf(codec: Codec, value: unknown): string | undefined {
  return value === undefined ? undefined : codec.encode({ value });
}

/** A value of its own each time. */
function valueIn(codec: Codec, text: string | undefined): unknown {
  return text === undefined ? undefined : codec.decode(text).value;
}
