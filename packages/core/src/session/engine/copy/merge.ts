import { isDeepStrictEqual } from 'node:util';

/**
 * Merges what two sides made of one value. Plain objects are merged key by key, as deep as they go; an array or any
 * other value is whole. What one side alone changed is taken from it, and what both changed is taken from `mine`, the
 * later save: also where the kinds differ, because one side replaced or deleted what the other changed something in.
 * The arguments stay as they are, and the result shares parts with them. `undefined` stands for a value that is not
 * there.
 */
export function merge(base: unknown, mine: unknown, theirs: unknown): unknown {
  if (isDeepStrictEqual(base, mine)) return theirs;
  if (isPlainObject(mine) && isPlainObject(theirs)) return mergeObjects(isPlainObject(base) ? base : {}, mine, theirs);
  return mine;
}

/** The keys come in the order of `theirs`, so that what ends up the same reads the same. */
function mergeObjects(base: PlainObject, mine: PlainObject, theirs: PlainObject): PlainObject {
  const merged: PlainObject = {};
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const value = merge(own(base, key), own(mine, key), own(theirs, key));
    if (value !== undefined) put(merged, key, value);
  }
  return merged;
}

type PlainObject = Record<string, unknown>;

/** An object that is no more than its properties, of whichever realm. */
export function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A value of the object's own: `constructor` is a key like any other. */
export function own(object: PlainObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets a value of the object's own: an assignment to `__proto__` would set the prototype. */
export function put(object: PlainObject, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}
