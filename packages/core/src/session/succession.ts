import type { Codec } from '../codecs/codec.ts';
import type { SessionRecord, SessionStore } from '../contract/session-store.ts';
import { reservedPrefix } from './value-texts.ts';

/**
 * A session that moves to a new id leaves a marker in place of its data, written by compare-and-set: whoever gets the
 * marker in has claimed the session, and everybody else finds out. The marker goes through the codec like any data, so
 * that an encrypting codec keeps it from being forged.
 */
export interface Move {
  /** The id under which the session goes on. */
  readonly id: string;
  /** Until when requests with the old token may go on with it, in Unix milliseconds. A logout may at any time. */
  readonly until: number;
}

const markerKey = `${reservedPrefix}successor`;

/** The most moves that are followed in a row: more than any grace period can hold in good faith. */
const mostMoves = 5;

/** The data of a record whose session has moved, or, with `null`, has ended. */
export function encodeMarker(codec: Codec, id: string, move: Move | null): string {
  return codec.encode(new Map([[markerKey, JSON.stringify(move)]]), id);
}

/** Where the session of a record went: a move, `null` for nowhere, or `undefined` where the record is the session itself. */
export function moveOf(values: ReadonlyMap<string, string>): Move | null | undefined {
  const text = values.get(markerKey);
  return text === undefined ? undefined : (JSON.parse(text) as Move | null);
}

/** A record that holds a session, taken apart. */
export interface Found {
  readonly id: string;
  readonly record: SessionRecord;
  readonly values: ReadonlyMap<string, string>;
}

/** The session that a record holds or has moved to, as far as the moves may be followed; `null` where there is none. */
export async function follow(
  { store, codec, fresh = false }: { readonly store: SessionStore; readonly codec: Codec; readonly fresh?: boolean },
  id: string,
  record: SessionRecord,
  mayFollow: (move: Move) => boolean,
): Promise<Found | null> {
  let at = { id, record };
  for (let moves = 0; moves <= mostMoves; moves += 1) {
    const values = codec.decode(at.record.data, at.id);
    const move = moveOf(values);
    if (move === undefined) return { ...at, values };
    if (move === null || !mayFollow(move)) return null;
    const next = await store.load(move.id, { fresh });
    if (!next) return null;
    at = { id: move.id, record: next };
  }
  return null;
}
