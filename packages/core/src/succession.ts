import type { Codec } from './codec.ts';
import type { SessionRecord, SessionStore } from './session-store.ts';
import { reservedPrefix } from './working-copy.ts';

/**
 * A session that moves to a new id leaves a marker in place of its data, written by compare-and-set: whoever gets the
 * marker in has claimed the session, and everybody else finds out. The marker goes through the codec like any data, so
 * that an encrypting codec keeps it from being forged.
 */
const successorKey = `${reservedPrefix}successor`;

/** The most moves that are followed in a row: more than any grace period can hold in good faith. */
const mostMoves = 5;

/** The data of a record whose session goes on under another id, or, with `null`, nowhere. */
export function encodeMarker(codec: Codec, id: string, successor: string | null): string {
  return codec.encode(new Map([[successorKey, JSON.stringify(successor)]]), id);
}

/** Where the session of a record went: an id, `null` for nowhere, or `undefined` where the record is the session itself. */
export function successorOf(values: ReadonlyMap<string, string>): string | null | undefined {
  const text = values.get(successorKey);
  return text === undefined ? undefined : (JSON.parse(text) as string | null);
}

/** A record that holds a session, taken apart. */
export interface Found {
  readonly id: string;
  readonly record: SessionRecord;
  readonly values: ReadonlyMap<string, string>;
}

/** The session that a record holds or has moved to; `null` where it has ended. */
export async function follow(
  store: SessionStore,
  codec: Codec,
  id: string,
  record: SessionRecord,
): Promise<Found | null> {
  let at: { id: string; record: SessionRecord } = { id, record };
  for (let moves = 0; moves <= mostMoves; moves += 1) {
    const values = codec.decode(at.record.data, at.id);
    const successor = successorOf(values);
    if (successor === undefined) return { ...at, values };
    const next = successor === null ? null : await store.load(successor);
    if (successor === null || next === null) return null;
    at = { id: successor, record: next };
  }
  return null;
}
