import {
  attempts,
  type Codec,
  changesBetween,
  moveOf,
  SessionChangedError,
  SessionConflictError,
  type SessionRecord,
  type SessionStore,
  type SessionValues,
} from '@stet/core';

/** The texts of a session's values, by key. */
export type Texts = ReadonlyMap<string, string>;

/** A record, taken apart. */
export interface Kept {
  readonly record: SessionRecord;
  readonly texts: Texts;
}

/** The record with one id, and how it is read and written. */
export interface Place {
  readonly store: SessionStore;
  readonly id: string;
  readonly codec: Codec;
  readonly touchAfterMs: number;
  readonly now: () => number;
}

/**
 * When a session ends, in Unix milliseconds, by what the library keeps in it. Asked for the session as it will be stored: where
 * another save came first, that is not quite the one that was given.
 */
export type EndOf = (session: SessionValues) => number;

/** What to keep of a session, and what may become of it. */
export interface Change {
  readonly merge: (texts: Texts) => Texts;
  readonly endOf: EndOf;
  /** Whether it becomes a session where there is none. */
  readonly creates: boolean;
}

export const nothing: Texts = new Map();

export async function find(place: Place): Promise<Kept | null> {
  const record = await place.store.load(place.id);
  return record && takeApart(place, record);
}

/** `null` for the marker that a session leaves when a job ends it. */
export function takeApart({ codec, id }: Pick<Place, 'codec' | 'id'>, record: SessionRecord): Kept | null {
  const texts = codec.decode(record.data, id);
  return moveOf(texts) === undefined ? { record, texts } : null;
}

/**
 * Stores what the change makes of the record last seen, again and again on top of what others saved first. `null`: there is no such
 * session any more, and the change creates none.
 */
export async function keep(place: Place, seen: Kept | null, { merge, endOf, creates }: Change): Promise<Kept | null> {
  const { store, id, codec } = place;
  let at = seen;
  for await (const _ of attempts()) {
    const texts = merge(at?.texts ?? nothing);
    const expiresAt = endOf(decodeValues(codec, texts));
    if (at && changesBetween(at.texts, texts).size === 0) {
      if (!isWorthAWrite(place, at.record.expiresAt, expiresAt)) return at;
      if (expiresAt > at.record.expiresAt) return extend(place, at, expiresAt);
    }
    const draft = { data: codec.encode(texts, id), expiresAt };
    if (!at) {
      const record = await store.create(id, draft);
      if (record) return { record, texts };
      at = await find(place);
      continue;
    }
    const { subject } = at.record;
    const result = await store.update(id, at.record, { ...draft, ...(subject !== undefined && { subject }) });
    if (result.status === 'updated') return { record: result.record, texts };
    at = result.status === 'conflict' ? takeApart(place, result.current) : null;
    if (creates) continue;
    if (!at) return null;
    if (at.record.subject !== subject) {
      throw new SessionChangedError('The session has changed hands since it was loaded; its changes were not saved.');
    }
  }
  throw new SessionConflictError('Other saves of the session kept coming first; nothing was saved.');
}

/** Whether the end of an unchanged session has moved by so much that it has to be stored. */
function isWorthAWrite({ touchAfterMs, now }: Place, stored: number, expiresAt: number): boolean {
  const movedMs = Math.abs(expiresAt - stored);
  return movedMs > 0 && movedMs >= Math.min(touchAfterMs, (expiresAt - now()) / 10);
}

async function extend({ store, id }: Place, at: Kept, expiresAt: number): Promise<Kept> {
  await store.touch(id, expiresAt);
  return { ...at, record: { ...at.record, expiresAt } };
}

/** An object of its own each time. A key such as `__proto__` is a key like any other. */
export function decodeValues(codec: Codec, texts: Texts): SessionValues {
  return Object.fromEntries(Array.from(texts, ([key, text]) => [key, codec.decodeValue(text)]));
}
