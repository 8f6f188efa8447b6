import { isDeepStrictEqual } from 'node:util';
import type { SessionValues } from '../../../codecs/codec.ts';
import { isPlainObject, own, put } from './merge.ts';

/**
 * Makes `live`, which reads as `before`, read as `after`. Objects that are in both stay the same objects, so that
 * whoever holds one sees the new state and can go on changing it. What is replaced is frozen: a change of it would be
 * lost.
 */
export function bring(live: SessionValues, before: SessionValues, after: SessionValues): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is, held] = [own(before, key), own(after, key), own(live, key)];
    if (isDeepStrictEqual(was, is)) continue;
    if (isPlainObject(held) && isPlainObject(was) && isPlainObject(is)) {
      bring(held, was, is);
      continue;
    }
    freeze(held);
    if (is === undefined) delete live[key];
    else put(live, key, is);
  }
}

/** Makes every change of a value throw, at any depth, in strict code. */
function freeze(value: unknown): void {
  if (!(Array.isArray(value) || isPlainObject(value)) || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const nested of Object.values(value)) freeze(nested);
}
