import { randomBytes } from 'node:crypto';
import type { SessionDraft } from '@stet/core';
import { draftOf } from './samples.ts';

/** A session that is found again wherever any part of it has got to. */
export interface Canary {
  readonly id: string;
  readonly draft: SessionDraft & { readonly subject: string };
  /** Where in a value a part of the session stands, or `undefined`. */
  foundIn(value: unknown, parts?: readonly Part[]): string | undefined;
}

type Part = 'data' | 'subject' | 'id';

const deepest = 12;
const mostObjects = 20_000;
const markLength = 8;

/** Data and subject repeat their marks, so that a message which quotes some of them quotes a whole mark. */
export function newCanary(): Canary {
  const [id, dataMark, subjectMark] = [
    randomBytes(32).toString('hex'),
    `q${randomBytes(5).toString('hex').slice(1, markLength)}`,
    `z${randomBytes(5).toString('hex').slice(1, markLength)}`,
  ];
  const marks: Readonly<Record<Part, readonly string[]>> = {
    data: [dataMark],
    subject: [subjectMark],
    // A part of the id is as good as all of it to whoever searches a log for it.
    id: Array.from({ length: id.length - 15 }, (_, at) => id.slice(at, at + 16)),
  };
  return {
    id,
    draft: { ...draftOf({ data: `{"${dataMark}":["${dataMark}"]}` }), subject: `${subjectMark}${subjectMark}` },
    foundIn: (value, parts = ['data', 'subject', 'id']) =>
      search(value, (text) => {
        const folded = text.toLowerCase();
        return parts.find((part) => marks[part].some((mark) => folded.includes(mark)));
      }),
  };
}

/**
 * Walks through all own properties, be they enumerable or not, and through what errors, lists, maps and buffers hold.
 */
function search(root: unknown, partIn: (text: string) => string | undefined): string | undefined {
  const seen = new Set<unknown>();
  let level: Array<readonly [path: string, value: unknown]> = [['the value', root]];
  for (let depth = 0; depth <= deepest && level.length > 0; depth += 1) {
    const next: typeof level = [];
    for (const [path, value] of level) {
      const text = textOf(value);
      const part = text === undefined ? undefined : partIn(text);
      if (part !== undefined) return `the ${part} in ${path}`;
      if (text !== undefined || !isObject(value) || seen.has(value) || seen.size >= mostObjects) continue;
      seen.add(value);
      next.push(...partsOf(path, value));
    }
    level = next;
  }
  return undefined;
}

function partsOf(path: string, value: object): Array<readonly [path: string, value: unknown]> {
  const parts: Array<readonly [string, unknown]> = [];
  for (const key of Reflect.ownKeys(value)) {
    parts.push([`a key of ${path}`, typeof key === 'symbol' ? key.description : key]);
    const { get, value: held } = Reflect.getOwnPropertyDescriptor(value, key) ?? {};
    // Some engines keep the stack behind an accessor.
    parts.push([`${path}.${String(key)}`, get && key === 'stack' ? (value as Error).stack : held]);
  }
  if (value instanceof Map || value instanceof Set)
    parts.push([`an entry of ${path}`, Array.from(value as Set<unknown>)]);
  if (value instanceof Error) parts.push([`the text of ${path}`, String(value)]);
  return parts;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
  return typeof value === 'bigint' || typeof value === 'number' ? String(value) : undefined;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
