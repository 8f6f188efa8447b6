import { attempts } from './attempts.ts';
import { SessionConflictError } from './session-error.ts';
import type { SessionEnvironment } from './session-state.ts';
import type { SessionRecord } from './session-store.ts';
import { encodeMarker, follow } from './succession.ts';

/**
 * Ends a session for good, wherever it has moved to. A plain delete would miss a session that a rotation with a grace period
 * moves at that moment, so the record is claimed first, as a rotation claims it, and deleted then. `false`: it had ended.
 */
export async function end(
  { store, codec, now }: SessionEnvironment,
  id: string,
  record: SessionRecord,
): Promise<boolean> {
  let at = { id, record };
  for await (const _ of attempts()) {
    const claim = await store.update(at.id, at.record, { data: encodeMarker(codec, at.id, null), expiresAt: now() });
    if (claim.status === 'gone') return false;
    if (claim.status === 'updated') {
      await store.delete(at.id);
      return true;
    }
    const found = await follow(store, codec, at.id, claim.current);
    if (!found) return false;
    at = found;
  }
  throw new SessionConflictError('Other saves of the session kept coming first; it was not ended.');
}
