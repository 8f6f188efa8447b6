/**
 * What a merge has to come to, said in another way than the engine does it: by a list of changes, each with its path.
 */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

interface Change {
  readonly path: readonly string[];
  /** `undefined`: it is deleted; `'an object'`: there is one now, whatever is in it. */
  readonly value: Json | symbol | undefined;
}

const anObject = Symbol('an object');

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isSame(one: Json | undefined, other: Json | undefined): boolean {
  return canonical(one) === canonical(other);
}

/** A text that does not depend on the order of keys. */
export function canonical(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return String(JSON.stringify(value));
  const keys = Object.keys(value).toSorted();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(own(value, key))}`).join()}}`;
}

/** What was changed, as deep as plain objects go. */
function changesBetween(base: Json | undefined, mine: Json | undefined, path: readonly string[]): Change[] {
  if (isSame(base, mine)) return [];
  if (!isObject(mine)) return [{ path, value: mine }];
  const before = isObject(base) ? base : {};
  const keys = new Set([...Object.keys(before), ...Object.keys(mine)]);
  const below = Array.from(keys, (key) => changesBetween(own(before, key), own(mine, key), [...path, key]));
  return [...(isObject(base) ? [] : [{ path, value: anObject }]), ...below.flat()];
}

/** Makes the changes on top of what others left. Where that has no object to make one in, mine stands whole. */
function apply(theirs: Json | undefined, mine: Json | undefined, changes: readonly Change[]): Json | undefined {
  const [first] = changes;
  if (!first) return theirs;
  if (!isObject(theirs) || !isObject(mine)) return mine;
  const entries = new Map(Object.entries(theirs));
  const inside = changes.filter(({ path }) => path.length > 0);
  for (const key of new Set(inside.map(({ path }) => path[0] ?? ''))) {
    const below = inside
      .filter(({ path }) => path[0] === key)
      .map(({ path, value }) => ({ path: path.slice(1), value }));
    const value = apply(own(theirs, key), own(mine, key), below);
    if (value === undefined) entries.delete(key);
    else entries.set(key, value);
  }
  return Object.fromEntries(entries);
}

/** What the session has to hold where `mine` is saved on top of `theirs`, both made of `base`. */
export function expectedMerge(base: JsonObject, mine: JsonObject, theirs: JsonObject): JsonObject {
  return apply(theirs, mine, changesBetween(base, mine, [])) as JsonObject;
}
