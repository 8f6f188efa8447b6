import type { SessionRecord } from '../../contract/session-store.ts';
import { SessionConflictError } from '../session-error.ts';
import type { Engine } from './engine.ts';
import { Kept } from './kept.ts';
import { decodeMarker, isMarker } from './record-data.ts';

/** Why there is no session behind a record: it has ended, or goes on under another id that may not be followed to. */
export type Absence = 'gone' | 'moved';

/**
 * How far a session may be followed that has moved: `'in-grace'` by requests with the token that it has left, where the
 * move allows it; `'anywhere'` by a logout, which goes after the session whether or not that token is still good.
 */
export type Pursuit = 'in-grace' | 'anywhere';

/** Each move takes a request of its own, so that more of them in a row than this were not made in good faith. */
const mostMoves = 100;

/** The session that a record holds or has moved to. */
export function sessionOf(
  engine: Engine,
  id: string,
  record: SessionRecord,
  pursuit: Pursuit = 'in-grace',
  fresh = false,
): Kept | Promise<Kept | Absence> {
  return isMarker(record.data) ? pursue(engine, id, record, pursuit, fresh) : new Kept(engine.codec, id, record);
}

/**
 * More saves than one session has while a request is under way. First revisions are random below 2^48, so that two
 * revisions which are closer than this are of one session, but for a chance of one in eight million.
 */
const mostSaves = 2 ** 24;

/**
 * What a write that came first has left of a session. Where that is another session, which began under the same id
 * after this one had ended, this one is gone: what was changed here is not for whoever has the other.
 */
export function leftOf(
  engine: Engine,
  at: Kept,
  current: SessionRecord,
  pursuit: Pursuit = 'in-grace',
): Kept | Absence | Promise<Kept | Absence> {
  const isTheSame = Math.abs(current.revision - at.record.revision) < mostSaves;
  return isTheSame ? sessionOf(engine, at.id, current, pursuit) : 'gone';
}

async function pursue(
  { store, codec, now }: Engine,
  id: string,
  record: SessionRecord,
  pursuit: Pursuit,
  fresh: boolean,
): Promise<Kept | Absence> {
  let [at, found] = [id, record];
  for (let moves = 0; moves < mostMoves; moves += 1) {
    if (!isMarker(found.data)) return new Kept(codec, at, found);
    const { id: next, until } = decodeMarker(codec, at, found.data);
    if (next === null) return 'gone';
    if (pursuit === 'in-grace' && until <= now()) return 'moved';
    const there = await store.load(next, fresh ? { fresh } : undefined);
    if (!there) return 'gone';
    [at, found] = [next, there];
  }
  throw new SessionConflictError('The session keeps moving to other ids; it was not found.');
}
