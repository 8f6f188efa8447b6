import type { SessionRecord } from '../contract/session-store.ts';
import { attempts } from './attempts.ts';
import { SessionConflictError } from './session-error.ts';
import type { SessionEnvironment } from './session-state.ts';
import { encodeMarker, follow } from './succession.ts';

/**
 * Ends a session for good, wherever it has moved to. A plain delete would miss a session that is moving to a new token at
 * that moment, so the record is claimed first, as a rotation claims it, and deleted then. `false`: it had ended.
 */
export async function end(env: SessionEnvironment, id: string, record: SessionRecord): Promise<boolean> {
  const { store, codec, now } = env;
  let at = await follow(env, id, record, anywhere);
  for await (const _ of attempts()) {
    if (!at) return false;
    const claim = await store.update(at.id, at.record, { data: encodeMarker(codec, at.id, null), expiresAt: now() });
    if (claim.status === 'gone') return false;
    if (claim.status === 'updated') {
      await store.delete(at.id);
      return true;
    }
    at = await follow(env, at.id, claim.current, anywhere);
  }
  throw new SessionConflictError('Other saves of the session kept coming first; it was not ended.');
}

/** A logout goes after a session whether or not its old token is still good. */
const anywhere = () => true;
