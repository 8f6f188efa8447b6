import { generateToken, idOf } from '../../contract/session-id.ts';
import type { SessionStore } from '../../contract/session-store.ts';
import { isStoreError } from '../../contract/store-error.ts';
import { SessionConflictError } from '../session-error.ts';
import { mostAttempts, pauseAfter } from './attempts.ts';
import type { Engine } from './engine.ts';
import { Kept } from './kept.ts';
import { type Absence, leftOf } from './load.ts';
import { encodeMarker } from './record-data.ts';
import { type Edit, recordDraft, save } from './save.ts';

/**
 * How long an old record tells where its session went, for a logout that is under way. Its token may be dead by then.
 */
const pursuitMs = 60_000;

export interface MoveOptions {
  /** How long requests with the old token follow, in milliseconds. */
  readonly graceMs: number;
  /** The session counts as one that begins now: its absolute limit, too, is counted from here. */
  readonly beginsAnew: boolean;
}

/** Where a session has moved to. */
export interface Moved {
  /** Its new token; `null` where another request has moved it, and hands its token out. */
  readonly token: string | null;
  readonly kept: Kept;
}

/**
 * Moves a session to a new token. The successor is created first, under a token that nobody knows yet; then the old
 * record is claimed by a compare-and-set that turns it into a marker. So a crash in between leaves the old session as
 * it was, and a logout or another move that came first makes the claim fail.
 */
export async function move(
  engine: Engine,
  from: Kept,
  edit: Edit,
  { graceMs, beginsAnew }: MoveOptions,
): Promise<Moved | Absence> {
  const { store, codec, now } = engine;
  let at = from;
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const token = generateToken();
    const id = idOf(token);
    const draft = edit.draft(beginsAnew ? null : at);
    const begun = beginsAnew ? undefined : { createdAt: at.record.createdAt };
    const successor = await store.create(id, { ...recordDraft(engine, id, draft, at), ...begun });
    if (!successor) continue;
    const marker = encodeMarker(codec, at.id, { id, until: graceMs > 0 ? now() + graceMs : 0 });
    const expiresAt = now() + Math.max(graceMs, pursuitMs);
    const claim = await store.update(at.id, at.record, { data: marker, expiresAt }).catch(async (error: unknown) => {
      if (!mayHaveHappened(error)) await discard(store, id);
      throw error;
    });
    if (claim.status === 'updated') return { token, kept: new Kept(codec, id, successor, draft.text ?? at.text) };
    await discard(store, id);
    if (claim.status === 'gone') return 'gone';
    const theirs = await leftOf(engine, at, claim.current);
    if (!(theirs instanceof Kept)) return theirs;
    edit.rebase(theirs, at);
    // Two periodic rotations at once: a second new token would race the first one to the visitor's cookie.
    if (theirs.id !== at.id && graceMs > 0) return ofAnother(await save(engine, theirs, edit));
    at = theirs;
    await pauseAfter(attempt);
  }
  throw new SessionConflictError('Other saves of the session kept coming first; it keeps its token.');
}

function ofAnother(outcome: Kept | Absence): Moved | Absence {
  return outcome instanceof Kept ? { token: null, kept: outcome } : outcome;
}

/** Removes a successor whose claim failed. Where that fails too it ends unused: its token was never told to anybody. */
async function discard(store: SessionStore, successor: string): Promise<void> {
  await store.delete(successor).catch(() => {});
}

export function mayHaveHappened(error: unknown): boolean {
  return isStoreError(error) && error.code === 'STORE_AMBIGUOUS';
}
