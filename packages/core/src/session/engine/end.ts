import type { SessionRecord } from '../../contract/session-store.ts';
import { SessionConflictError } from '../session-error.ts';
import { mostAttempts, pauseAfter } from './attempts.ts';
import type { Engine } from './engine.ts';
import { Kept } from './kept.ts';
import { leftOf, sessionOf } from './load.ts';
import { encodeMarker } from './record-data.ts';

/**
 * Ends a session for good, wherever it has moved to, and resolves to the id under which it was; its record can be
 * deleted then. A plain delete would miss a session that is moving to a new token at that moment, so the record is
 * claimed as a move claims it. `null`: it had ended.
 */
export async function claimEnd(engine: Engine, id: string, record: SessionRecord): Promise<string | null> {
  const { store, codec, now } = engine;
  let at = await sessionOf(engine, id, record, 'anywhere');
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    if (!(at instanceof Kept)) return null;
    const marker = encodeMarker(codec, at.id, { id: null, until: 0 });
    const claim = await store.update(at.id, at.record, { data: marker, expiresAt: now() });
    if (claim.status === 'gone') return null;
    if (claim.status === 'updated') return at.id;
    at = await leftOf(engine, at, claim.current, 'anywhere');
    await pauseAfter(attempt);
  }
  throw new SessionConflictError('Other saves of the session kept coming first; it was not ended.');
}

/** Ends a session for good, wherever it has moved to. `false`: it had ended. */
export async function end(engine: Engine, id: string, record: SessionRecord): Promise<boolean> {
  const ended = await claimEnd(engine, id, record);
  if (ended !== null) await engine.store.delete(ended);
  return ended !== null;
}
