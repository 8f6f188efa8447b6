import type { SessionValues } from '../codecs/codec.ts';
import { assertSubject } from '../contract/session-draft.ts';
import type { Updater } from './engine/copy/update.ts';
import type { Draft } from './engine/save.ts';
import { refuseUnknownProperties } from './guards/known-properties.ts';
import { noTokenForVisitor, refuseCallback, refuseChange, unknownProperty } from './guards/refusals.ts';
import { sealedView } from './guards/sealed-data.ts';
import { shownBy } from './guards/shown-session.ts';
import type { HeldSession, SessionState } from './held-session.ts';
import { limitsOf, ownLifeOf, type SessionLifetime } from './lifetime.ts';
import { graceOf, type RegenerateOptions } from './regenerate-options.ts';
import { SessionStateError } from './session-error.ts';
import { type TracedOperation, traced } from './tracing.ts';

/** A session is saved once more where it was changed meanwhile. What differs then again does so at each encoding. */
const mostRounds = 2;

/** One visitor's session as one request or job sees it: plain data, saved as the changes that were made to it. */
export class Session<D extends object = SessionValues> {
  static {
    refuseUnknownProperties(Session.prototype, unknownProperty);
    Object.defineProperty(Session.prototype, Symbol.for('nodejs.util.inspect.custom'), { value: shownBy });
  }

  readonly #held: HeldSession;
  #loading: Promise<void> | undefined;
  #isSealed = false;
  #view: SessionValues | undefined;

  /** Sessions come from `Sessions`: this is its door. */
  constructor(held: HeldSession) {
    this.#held = held;
  }

  /**
   * The secret for the visitor's cookie; `null` where that must be left as it is: in a job, or after another's move.
   */
  get token(): string | null {
    return this.#held.state === 'moved' ? null : this.#held.token;
  }

  /** The store's key: what may be logged, listed, and passed to `transact` or `revoke`. */
  get id(): string {
    return this.#held.id;
  }

  /** Where the session stands; see {@link SessionState}. */
  get state(): SessionState {
    return this.#held.state;
  }

  /** `load` has been through: the data may be used. */
  get isLoaded(): boolean {
    return this.#held.state !== 'unloaded';
  }

  /** Loaded, and nothing is stored yet. */
  get isNew(): boolean {
    return this.#held.state === 'new';
  }

  /** Ended here, found to have ended, or found to have moved: nothing more can be saved. */
  get isEnded(): boolean {
    return this.isLoaded && !this.#held.isOpen;
  }

  /** This request has ended, by `destroy` or `reset`, the session that its visitor came with: clear the cookie. */
  get hasEndedOne(): boolean {
    return this.#held.hasEndedOne;
  }

  /** Something was changed here that is not saved. Throws a `TypeError` where that cannot be kept. */
  get isChanged(): boolean {
    return this.#held.isChanged;
  }

  /**
   * `save` would write: something changed, or the end of the session is due to be put off. Throws as `isChanged` does.
   */
  get needsSave(): boolean {
    return this.#held.isOpen && this.#held.isDue(this.#held.look());
  }

  /**
   * When the session began, in Unix milliseconds; `undefined` while nothing is stored. `regenerate` keeps it, a change
   * of `subject` begins anew.
   */
  get createdAt(): number | undefined {
    return this.#held.kept?.record.createdAt;
  }

  /** When the session ends unless it is used again, in Unix milliseconds; `undefined` while nothing is stored. */
  get expiresAt(): number | undefined {
    return this.#held.kept?.record.expiresAt;
  }

  /**
   * When the visitor was last seen, in Unix milliseconds, as far as the store knows it: some requests are not noted
   * (`touchAfterMs`). Near the end that `absoluteTimeoutMs` sets it may have been later. `undefined` while nothing is
   * stored.
   */
  get lastSeenAt(): number | undefined {
    const { kept, home } = this.#held;
    return kept ? kept.record.expiresAt - limitsOf(kept.life, home.lifetime).idleTimeoutMs : undefined;
  }

  /**
   * The session's data, which may lack every key: a new visitor has none. Change it in place, at any depth: `save`
   * finds out what changed.
   */
  get data(): Partial<D> {
    this.#assertLoaded();
    const { copy } = this.#held;
    if (!this.#isSealed) return copy.values as D;
    this.#view ??= sealedView(copy.snapshot(), refuseChange);
    return this.#view as D;
  }

  /**
   * Whom the session belongs to. The save that stores a change of it moves the session to a new token, as `regenerate`
   * does, and its absolute limit is counted anew: whoever knew the token of a visitor does not know that of the user.
   */
  get subject(): string | undefined {
    this.#assertLoaded();
    return this.#held.subject;
  }

  set subject(subject: string | undefined) {
    this.#assertChangeable();
    if (subject !== undefined) assertSubject(subject);
    if (!this.#held.opening.canMove && subject !== this.#held.subject) throw noTokenForVisitor();
    this.#held.subject = subject;
  }

  /**
   * How long this session lives. Set it to give it limits of its own, `undefined` to give it those of `Sessions` again;
   * it is kept with the session.
   */
  get lifetime(): SessionLifetime {
    this.#assertLoaded();
    const { life, home } = this.#held;
    const { idleTimeoutMs, absoluteTimeoutMs } = limitsOf(life, home.lifetime);
    const persistent = life?.persistent;
    return { idleTimeoutMs, absoluteTimeoutMs, ...(persistent !== undefined && { persistent }) };
  }

  set lifetime(lifetime: SessionLifetime | undefined) {
    this.#assertChangeable();
    this.#held.life = lifetime && ownLifeOf(lifetime, this.#held.home.lifetime);
  }

  /**
   * Whether this request puts off the end of the session. Set it to false for one that the visitor did not make, such
   * as polling.
   */
  get rolling(): boolean {
    return this.#held.rolling;
  }

  set rolling(rolling: boolean) {
    this.#held.rolling = rolling;
  }

  /**
   * Loads the session, once; `sessions.open` has done so unless it was asked to be lazy. A token that names no live
   * session is never adopted: the session is a new one with a new token (OWASP, session fixation).
   */
  load(): Promise<void> {
    if (this.isLoaded) return Promise.resolve();
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /**
   * Sets a value computed from the one before, exactly even when requests overlap: the function runs again on the fresh
   * value where another save came first. It must be pure and return the new value (to drop a key, `delete
   * session.data[key]`).
   */
  update<K extends keyof D & string>(key: K, updater: (value: D[K] | undefined) => D[K]): void {
    this.#assertChangeable();
    this.#held.copy.update(key, updater as Updater);
  }

  /**
   * Saves what changed here, merged with what others saved meanwhile, as deep as plain objects go: what was changed on
   * both sides takes the later save's value. Where nothing changed, it puts off the session's end if that is due, or
   * does nothing. Rejects with `SessionGoneError` where the session has ended (it is never created again), with
   * `SessionChangedError` where it has changed hands, with `SessionConflictError` where other saves kept coming first,
   * and with a `StoreError`. After any of these nothing was saved, except that `STORE_AMBIGUOUS` leaves it open.
   */
  save(callback?: never): Promise<void> {
    refuseCallback('save', callback);
    if (!this.isLoaded || this.#held.opening.readOnly) return Promise.resolve();
    return this.#inTurn('save', () => this.#held.save());
  }

  /** Puts the end of the session off now, however little that gains, and saves it. Rejects as `save` does. */
  async prolong(): Promise<void> {
    this.#assertChangeable();
    this.#held.prolongs = true;
    await this.save().finally(() => {
      this.#held.prolongs = false;
    });
  }

  /**
   * Moves the session, with its unsaved changes, to a new token. Of two racing calls one wins, and after a logout none
   * does: the others get `SessionGoneError`. Call it at every change of privilege; where `subject` changes, a save does
   * it by itself.
   */
  regenerate(options: RegenerateOptions = {}): Promise<void> {
    refuseCallback('regenerate', options);
    const graceMs = graceOf(options);
    return this.#moving('regenerate', () => this.#held.regenerate(graceMs));
  }

  /**
   * Ends the session and goes on, in this request, with a new and empty one under a new token: for "log out, and say
   * so".
   */
  reset(): Promise<void> {
    return this.#moving('reset', () => this.#held.reset());
  }

  /** Ends the session for good: nothing that was loaded before brings it back. Ending it twice is the same as once. */
  destroy(callback?: never): Promise<void> {
    refuseCallback('destroy', callback);
    // From here on the session is over for this request, also where that could not be told everywhere.
    return this.load()
      .then(() => this.#inTurn('destroy', () => this.#held.destroy()))
      .finally(() => {
        if (this.isEnded) this.seal();
      });
  }

  /**
   * Ends the use of the session by a request: saves what is to be saved, as `save` does, and seals it. What is changed
   * while that is under way is saved, too. `undefined`: there is nothing to wait for. For whatever sends the response.
   */
  commit(): Promise<void> | undefined {
    const held = this.#held;
    if (this.isLoaded && held.isOpen && !held.opening.readOnly) {
      if (held.home.turns.isTaken(held)) return this.#commit();
      const draft = held.draft(held.kept);
      if (held.isDue(draft)) return this.#commit(draft);
    }
    this.seal();
    return undefined;
  }

  /** Makes every later change throw, because nothing would save it: `destroy` and `commit` do. */
  seal(): void {
    if (!this.isLoaded) return;
    this.#isSealed = true;
    this.#held.copy.close();
  }

  async #load(): Promise<void> {
    const held = this.#held;
    try {
      if (held.hasToken) await traced('open', { id: held.id }, () => held.load());
      else held.begin();
      if (held.opening.readOnly) this.seal();
    } finally {
      this.#loading = undefined;
    }
  }

  async #moving(operation: TracedOperation, work: () => Promise<void>): Promise<void> {
    this.#assertChangeable();
    if (!this.#held.opening.canMove) throw noTokenForVisitor();
    await this.#inTurn(operation, work);
  }

  async #commit(first?: Draft): Promise<void> {
    await this.#inTurn('save', () => this.#held.save(first));
    for (let round = 2; this.isChanged; round += 1) {
      if (round > mostRounds) throw this.#held.copy.keepsChanging();
      await this.save();
    }
    this.seal();
  }

  /** What is done to one session takes turns. */
  #inTurn(operation: TracedOperation, work: () => Promise<void>): Promise<void> {
    const { home } = this.#held;
    return traced(operation, { id: this.id }, () => home.turns.take(this.#held, work));
  }

  #assertLoaded(): void {
    if (!this.isLoaded) throw new SessionStateError('The session is lazy: await session.load() first.');
  }

  #assertChangeable(): void {
    this.#assertLoaded();
    if (this.#isSealed) refuseChange();
  }
}
