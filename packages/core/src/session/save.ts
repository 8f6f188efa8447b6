import type { SessionRecord } from '../contract/session-store.ts';
import { attempts } from './attempts.ts';
import { expiryOf } from './lifetime.ts';
import { SessionConflictError } from './session-error.ts';
import { draftOf, gone, rebase, type SessionState } from './session-state.ts';

/** Saves a session for the first time, if it holds anything. */
export async function saveNew(state: SessionState): Promise<void> {
  const snapshot = state.copy.snapshot();
  if (!snapshot.changed && state.subject === undefined) return;
  const record = await state.env.store.create(state.id, draftOf(state, snapshot));
  if (!record) throw new SessionConflictError('Another session has this id; nothing was saved.');
  state.base = record;
  state.copy.settle(snapshot);
}

/** Saves the changes made to a session, again and again on top of what others saved first. */
export async function saveChanges(state: SessionState, loaded: SessionRecord): Promise<void> {
  let base = loaded;
  for await (const _ of attempts()) {
    const snapshot = state.copy.snapshot();
    if (!snapshot.changed && state.subject === base.subject) return extend(state, base);
    const result = await state.env.store.update(state.id, base, draftOf(state, snapshot));
    if (result.status === 'gone') throw gone(state);
    if (result.status === 'updated') {
      state.base = result.record;
      state.copy.settle(snapshot);
      return;
    }
    await rebase(state, base, result.current);
    base = state.base ?? base;
  }
  throw new SessionConflictError('Other saves of the session kept coming first; nothing was saved.');
}

/** A visitor was here and changed nothing: puts the end of the session off, but not on every request. */
async function extend(state: SessionState, base: SessionRecord): Promise<void> {
  const expiresAt = dueExpiry(state, base);
  if (expiresAt === undefined) return;
  if (await state.env.store.touch(state.id, expiresAt)) state.base = { ...base, expiresAt };
  else state.phase = 'ended';
}

/** When the session now ends, where that is so much later than the store has it that it is worth a write. */
export function dueExpiry({ env, attended }: SessionState, base: SessionRecord): number | undefined {
  if (!attended) return undefined;
  const { lifetime, now } = env;
  const expiresAt = expiryOf(lifetime, base.createdAt, now());
  if (expiresAt <= base.expiresAt || expiresAt - base.expiresAt < lifetime.touchAfterMs) return undefined;
  return expiresAt;
}
