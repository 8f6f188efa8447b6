import type { Codec } from '../codecs/codec.ts';
import type { SessionDraft, SessionRecord, SessionStore } from '../contract/session-store.ts';
import { StoreError } from '../contract/store-error.ts';
import { expiryOf, type Lifetime } from './lifetime.ts';
import { SessionChangedError, SessionConflictError, SessionGoneError } from './session-error.ts';
import { type Found, follow, type Move, moveOf } from './succession.ts';
import type { Turns } from './turns.ts';
import type { Snapshot, WorkingCopy } from './working-copy.ts';

/** What every session of one `Sessions` shares. */
export interface SessionEnvironment {
  readonly store: SessionStore;
  readonly codec: Codec;
  readonly lifetime: Lifetime;
  readonly maxDataBytes: number;
  readonly now: () => number;
  readonly turns: Turns;
}

/** What saving a session does where another save came first: apply the changes to what that left, or refuse. */
export type ConflictPolicy = 'merge' | 'reject';

/** Where one copy of a session stands between the store and its user. */
export interface SessionState {
  readonly env: SessionEnvironment;
  readonly onConflict: ConflictPolicy;
  /** A visitor's request, which extends the session; a job or a listing does not. */
  readonly attended: boolean;
  /** `load` asks the store of record where a cache might answer. */
  readonly fresh: boolean;
  /** `'unloaded'` with a token that a visitor sent, `'unsent'` with one that is new: then the store has nothing to be asked for. */
  phase: 'unloaded' | 'unsent' | 'open' | 'ended';
  /** `null` where the visitor's cookie must be left as it is. */
  token: string | null;
  id: string;
  /** What the store held when this copy was last in step with it; `null` while nothing was saved. */
  base: SessionRecord | null;
  copy: WorkingCopy;
  subject: string | undefined;
}

/** Whether requests with the token that a session has left may go on with it. */
export function inGrace({ now }: SessionEnvironment): (move: Move) => boolean {
  return ({ until }) => until > now();
}

/** What to keep for a snapshot of the session, under its own id or one that it moves to. */
export function draftOf(state: SessionState, snapshot: Snapshot, id: string = state.id): SessionDraft {
  const { codec, lifetime, maxDataBytes, now } = state.env;
  const data = codec.encode(snapshot.texts, id);
  const bytes = Buffer.byteLength(data);
  if (bytes > maxDataBytes) {
    throw new StoreError(
      'STORE_TOO_LARGE',
      `The session has ${bytes} bytes; at most ${maxDataBytes} are kept. Nothing was saved.`,
    );
  }
  const expiresAt =
    state.attended || !state.base ? expiryOf(lifetime, state.base?.createdAt ?? now(), now()) : state.base.expiresAt;
  return { data, expiresAt, ...(state.subject !== undefined && { subject: state.subject }) };
}

/** Another save came first: brings the copy in step with what it left, the changes made here on top. */
export async function rebase(state: SessionState, base: SessionRecord, current: SessionRecord): Promise<void> {
  if (state.onConflict === 'reject') throw new SessionConflictError('Another save of the session came first.');
  const found = await follow(state.env, state.id, current, inGrace(state.env));
  if (!found) {
    // It moved on without a grace period: the visitor's cookie is that of the successor, or is about to be.
    if (moveOf(state.env.codec.decode(current.data, state.id))) state.token = null;
    throw gone(state);
  }
  if (found.record.subject !== base.subject) {
    throw new SessionChangedError('The session has changed hands since it was loaded; its changes were not saved.');
  }
  state.copy.rebase(found.values);
  settleOn(state, found);
}

/** The store's record is now the base; a session that was followed to another id leaves the visitor's cookie alone. */
export function settleOn(state: SessionState, { id, record }: Omit<Found, 'values'>): void {
  if (id !== state.id) state.token = null;
  state.id = id;
  state.base = record;
}

/** Marks the session as ended and gives the error that says so. */
export function gone(state: SessionState): SessionGoneError {
  state.phase = 'ended';
  return new SessionGoneError('The session has ended meanwhile: nothing was saved.');
}
