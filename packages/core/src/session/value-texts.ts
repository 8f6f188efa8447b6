import type { Codec, SessionValues } from '../codecs/codec.ts';

/** Keys that records use for themselves. */
export const reservedPrefix = '@stet/';

/** The text of one value, or `undefined` where the codec leaves it out. Throws a `TypeError` for what cannot be kept. */
export function encodeValue(codec: Codec, key: string, value: unknown): string | undefined {
  if (key.startsWith(reservedPrefix)) throw new TypeError(`Keys that begin with ${reservedPrefix} are reserved.`);
  try {
    return codec.encodeValue(value);
  } catch (cause) {
    throw new TypeError(`The session's ${JSON.stringify(key)} cannot be kept: ${(cause as Error).message}`, { cause });
  }
}

/** The texts of a session's values, by key: what `codec.encode` takes. Throws a `TypeError` for what cannot be kept. */
export function encodeValues(codec: Codec, values: SessionValues): Map<string, string> {
  const texts = new Map<string, string>();
  for (const key of Object.keys(values)) {
    const text = encodeValue(codec, key, values[key]);
    if (text !== undefined) texts.set(key, text);
  }
  return texts;
}

/** What makes one set of texts of the other: each key that differs, with its text now, or `undefined` where it was deleted. */
export function changesBetween(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): Map<string, string | undefined> {
  const changes = new Map<string, string | undefined>();
  for (const key of new Set([...before.keys(), ...now.keys()])) {
    const text = now.get(key);
    if (text !== before.get(key)) changes.set(key, text);
  }
  return changes;
}
