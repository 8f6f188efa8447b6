import { generateToken, idOf } from '../contract/session-id.ts';
import type { SessionRecord, SessionStore } from '../contract/session-store.ts';
import { isStoreError } from '../contract/store-error.ts';
import { attempts } from './attempts.ts';
import { saveChanges } from './save.ts';
import { SessionConflictError } from './session-error.ts';
import { draftOf, gone, rebase, type SessionState } from './session-state.ts';
import { encodeMarker } from './succession.ts';

/** How long an old record tells where its session went, for a logout that is under way. Its token may be dead by then. */
const pursuitMs = 60_000;

/**
 * Moves a session to a new token. The successor is created first, under a token that nobody knows yet; then the old
 * record is claimed by a compare-and-set that turns it into a marker. So a crash in between leaves the old session as it
 * was, and a logout or another rotation that came first makes the claim fail.
 */
export async function rotate(state: SessionState, loaded: SessionRecord, graceMs: number): Promise<void> {
  const { store, codec, now } = state.env;
  let base = loaded;
  for await (const _ of attempts()) {
    const token = generateToken();
    const id = idOf(token);
    const snapshot = state.copy.snapshot();
    const successor = await store.create(id, { ...draftOf(state, snapshot, id), createdAt: base.createdAt });
    if (!successor) continue;
    const move = { id, until: graceMs > 0 ? now() + graceMs : 0 };
    const marker = { data: encodeMarker(codec, state.id, move), expiresAt: now() + Math.max(graceMs, pursuitMs) };
    const claim = await store.update(state.id, base, marker).catch(async (error: unknown) => {
      if (!mayHaveHappened(error)) await discard(store, id);
      throw error;
    });
    if (claim.status === 'updated') {
      Object.assign(state, { token, id, base: successor });
      state.copy.settle(snapshot);
      return;
    }
    await discard(store, id);
    if (claim.status === 'gone') throw gone(state);
    const left = state.id;
    await rebase(state, base, claim.current);
    base = state.base ?? base;
    // Two periodic rotations at once: a second new token would race the first one to the visitor's cookie.
    if (state.id !== left && graceMs > 0) return saveChanges(state, base);
  }
  throw new SessionConflictError('Other saves of the session kept coming first; it keeps its token.');
}

/** Removes a successor whose claim failed. Where that fails too it ends unused: its token was never told to anybody. */
async function discard(store: SessionStore, successor: string): Promise<void> {
  await store.delete(successor).catch(() => {});
}

function mayHaveHappened(error: unknown): boolean {
  return isStoreError(error) && error.code === 'STORE_AMBIGUOUS';
}
