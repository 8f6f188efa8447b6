import type { Codec, SessionValues } from '../codecs/codec.ts';
import { assertSubject } from '../contract/session-draft.ts';
import { generateToken, idOf } from '../contract/session-id.ts';
import { end } from './end.ts';
import { isOver } from './lifetime.ts';
import { rotate } from './rotate.ts';
import { dueExpiry, saveChanges, saveNew } from './save.ts';
import { SessionGoneError, SessionStateError } from './session-error.ts';
import { inGrace, type SessionState, settleOn } from './session-state.ts';
import { follow } from './succession.ts';
import { type TracedOperation, traced } from './tracing.ts';
import { type Updater, WorkingCopy } from './working-copy.ts';

/** How an old token is treated by {@link Session.regenerate}. */
export interface RegenerateOptions {
  /**
   * How long requests with the old token follow to the new session, in milliseconds, at most 60,000. Only for periodic
   * rotation; at a login or any change of privilege leave it at 0, the default: the old token is dead at once (OWASP ASVS 7.2.4).
   */
  readonly graceMs?: number;
}

const mostGraceMs = 60_000;

/** One visitor's session as one request or job sees it: plain data, saved as the changes that were made to it. */
export class Session<D extends object = SessionValues> {
  readonly #state: SessionState;
  #loading: Promise<void> | undefined;
  #isSealed = false;
  #sealedData: SessionValues | undefined;

  /** Sessions come from `Sessions`: this is its door. */
  constructor(state: SessionState) {
    this.#state = state;
  }

  /** The secret for the visitor's cookie; `null` where the cookie must be left as it is (a job, or a request whose session moved to another token meanwhile). */
  get token(): string | null {
    return this.#state.token;
  }

  /** The store's key: what may be logged, listed, and passed to `transact` or `revoke`. */
  get id(): string {
    return this.#state.id;
  }

  /** `load` has been through: the data may be used. */
  get isLoaded(): boolean {
    return this.#state.phase === 'open' || this.#state.phase === 'ended';
  }

  /** Loaded, and nothing is stored yet. */
  get isNew(): boolean {
    return this.#state.phase === 'open' && this.#state.base === null;
  }

  /** Destroyed here, or found to be gone. */
  get isEnded(): boolean {
    return this.#state.phase === 'ended';
  }

  /** Something was changed here that is not saved. Throws a `TypeError` where that cannot be kept. */
  get isChanged(): boolean {
    const { phase, copy, subject, base } = this.#state;
    return phase === 'open' && (copy.snapshot().changed || subject !== base?.subject);
  }

  /** `save` would write: something changed, or the end of the session is due to be put off. Throws as `isChanged` does. */
  get needsSave(): boolean {
    const { phase, base } = this.#state;
    return this.isChanged || (phase === 'open' && base !== null && dueExpiry(this.#state, base) !== undefined);
  }

  /** When the session began, in Unix milliseconds; `undefined` while nothing is stored. Survives `regenerate`. */
  get createdAt(): number | undefined {
    return this.#state.base?.createdAt;
  }

  /** When the session ends unless it is used again, in Unix milliseconds; `undefined` while nothing is stored. */
  get expiresAt(): number | undefined {
    return this.#state.base?.expiresAt;
  }

  /** The session's data. Change it in place, at any depth: `save` finds out what changed. */
  get data(): D {
    this.#assertLoaded();
    const { copy, env } = this.#state;
    if (!this.#isSealed) return copy.data as D;
    this.#sealedData ??= frozen(copy, env.codec);
    return this.#sealedData as D;
  }

  /** Whom the session belongs to. When it changes, call `regenerate`. */
  get subject(): string | undefined {
    this.#assertLoaded();
    return this.#state.subject;
  }

  set subject(subject: string | undefined) {
    this.#assertChangeable();
    if (subject !== undefined) assertSubject(subject);
    this.#state.subject = subject;
  }

  /**
   * Loads the session, once; `sessions.open` has done so unless it was asked to be lazy. A token that names no live session
   * is never adopted: the session is a new one with a new token (OWASP, session fixation).
   */
  load(): Promise<void> {
    const state = this.#state;
    if (state.phase === 'unsent') state.phase = 'open';
    if (this.isLoaded) return Promise.resolve();
    this.#loading ??= traced('open', { id: this.id }, () => load(state)).finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  /**
   * Sets a value computed from the one before, exactly even when requests overlap: the function runs again on the fresh
   * value where another save came first. It must be pure and return the new value (to drop a key, `delete session.data[key]`).
   */
  update<K extends keyof D & string>(key: K, updater: (value: D[K] | undefined) => D[K]): void {
    this.#assertChangeable();
    this.#state.copy.update(key, updater as Updater);
  }

  /**
   * Saves what changed here, merged with what others saved meanwhile: a key changed on both sides takes the later save's
   * value. Where nothing changed, it extends the session if that is due, or does nothing. Rejects with `SessionGoneError`
   * where the session has ended (it is never created again), with `SessionChangedError` where it has changed hands, with
   * `SessionConflictError` where other saves kept coming first, and with a `StoreError`. After any of these nothing was
   * saved, except that `STORE_AMBIGUOUS` leaves it open.
   */
  async save(): Promise<void> {
    const state = this.#state;
    if (!this.isLoaded) return;
    await this.#inTurn('save', async () => {
      this.#assertAlive();
      await (state.base ? saveChanges(state, state.base) : saveNew(state));
    });
  }

  /**
   * Moves the session, with its unsaved changes, to a new token. Of two racing calls one wins, and after a logout none does:
   * the others get `SessionGoneError`. Call it at every login and change of privilege.
   */
  async regenerate({ graceMs = 0 }: RegenerateOptions = {}): Promise<void> {
    if (!(graceMs >= 0 && graceMs <= mostGraceMs)) throw new TypeError(`graceMs is 0 to ${mostGraceMs} milliseconds.`);
    this.#assertChangeable();
    const state = this.#state;
    if (!state.attended)
      throw new SessionStateError('Only a request can hand out a new token; a job can revoke the session.');
    await this.#inTurn('regenerate', async () => {
      this.#assertAlive();
      if (state.base) return rotate(state, state.base, graceMs);
      state.token = generateToken();
      state.id = idOf(state.token);
    });
  }

  /** Ends the session for good: nothing that was loaded before brings it back. Ending it twice is the same as once. */
  async destroy(): Promise<void> {
    await this.load();
    const state = this.#state;
    await this.#inTurn('destroy', async () => {
      if (state.base && !this.isEnded) await end(state.env, state.id, state.base);
      state.phase = 'ended';
      this.seal();
    });
  }

  /** Makes every later change throw, because nothing would save it: `destroy` does, and whatever commits a session to a response. */
  seal(): void {
    if (!this.isLoaded) return;
    this.#isSealed = true;
    Object.freeze(this.#state.copy.data);
  }

  /** Saves of one session in this process take turns; see {@link Turns}. */
  #inTurn(operation: TracedOperation, work: () => Promise<void>): Promise<void> {
    const { env, id } = this.#state;
    return traced(operation, { id }, () => env.turns.take(id, work));
  }

  #assertAlive(): void {
    if (this.isEnded) throw new SessionGoneError('The session has ended: nothing was saved.');
  }

  #assertLoaded(): void {
    if (!this.isLoaded) throw new SessionStateError('The session is lazy: await session.load() first.');
  }

  #assertChangeable(): void {
    this.#assertLoaded();
    if (this.#isSealed)
      throw new SessionStateError(
        'The session was destroyed, or committed to the response already: nothing would save the change.',
      );
  }
}

async function load(state: SessionState): Promise<void> {
  const { fresh, env } = state;
  const { store, codec, lifetime, now } = env;
  const record = await store.load(state.id, { fresh });
  const found = record && (await follow({ ...env, fresh }, state.id, record, inGrace(env)));
  if (found && !isOver(lifetime, found.record, now())) {
    settleOn(state, found);
    state.copy = new WorkingCopy(codec, found.values);
    state.subject = found.record.subject;
  } else {
    state.token = generateToken();
    state.id = idOf(state.token);
  }
  state.phase = 'open';
}

/** A copy to look at. Not the data itself: what an application put there may be its own, and not ours to freeze. */
function frozen(copy: WorkingCopy, codec: Codec): SessionValues {
  const data: SessionValues = Object.create(null);
  for (const [key, text] of copy.snapshot().texts) data[key] = deepFreeze(codec.decodeValue(text));
  return Object.freeze(data);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const nested of Object.values(value)) deepFreeze(nested);
    Object.freeze(value);
  }
  return value;
}
