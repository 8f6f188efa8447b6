import { generateToken, idOf } from '../contract/session-id.ts';
import { type UpdateCounts, WorkingCopy } from './engine/copy/working-copy.ts';
import { claimEnd } from './engine/end.ts';
import { Kept } from './engine/kept.ts';
import { sessionOf } from './engine/load.ts';
import { mayHaveHappened, move } from './engine/move.ts';
import { isSameLife, type OwnLife } from './engine/record-data.ts';
import { create, type Draft, type Edit, save } from './engine/save.ts';
import type { Home, Opening } from './home.ts';
import { expiryOf, isOver, limitsOf } from './lifetime.ts';
import { SessionChangedError, SessionConflictError, SessionGoneError } from './session-error.ts';
import { endSurplus } from './surplus.ts';
import { type EndReason, reportEnd } from './tracing.ts';

/**
 * Where a session stands: not loaded yet, not stored yet, stored, ended by this request, found to have ended meanwhile,
 * or found to have moved to a token that another request hands out.
 */
export type SessionState = 'unloaded' | 'new' | 'stored' | 'ended' | 'gone' | 'moved';

/** So many new ids in a row that are all taken are no accident. */
const mostIds = 3;

/** What one request holds of a session: its copy of the data, and what the store had when the two were last in step. */
export class HeldSession implements Edit {
  readonly home: Home;
  readonly opening: Opening;
  state: SessionState = 'unloaded';
  /** What the store had; `null` while nothing is stored. */
  kept: Kept | null = null;
  copy: WorkingCopy;
  subject: string | undefined;
  life: OwnLife | undefined;
  /** Whether this request puts off the end of the session. */
  rolling: boolean;
  /** Whether it does so however little that gains. */
  prolongs = false;
  /** Whether this request has ended a session that its visitor came with. */
  hasEndedOne = false;
  #token: string | null | undefined;
  #id: string | undefined;
  /** The updates in the text that is being saved. */
  #updatesDrafted: UpdateCounts;

  /** With a token that the visitor sent, with none yet (`undefined`), or with none to hand out (`null`). */
  constructor(home: Home, opening: Opening, token: string | null | undefined) {
    this.home = home;
    this.opening = opening;
    this.copy = new WorkingCopy(home.codec, home.nothing);
    this.rolling = opening.attended && opening.rolling;
    this.#token = token;
  }

  /** `null` where the visitor's cookie must be left as it is. A new one is made when it is first asked for. */
  get token(): string | null {
    if (this.#token === undefined) this.#token = generateToken();
    return this.#token;
  }

  get id(): string {
    this.#id ??= this.kept?.id ?? idOf(this.token ?? '');
    return this.#id;
  }

  /** Whether the visitor came with one that has the form of a token. */
  get hasToken(): boolean {
    return this.#token !== undefined;
  }

  get isOpen(): boolean {
    return this.state === 'new' || this.state === 'stored';
  }

  async load(): Promise<void> {
    const { home, opening, id } = this;
    const record = await home.store.load(id, opening.fresh ? { fresh: true } : undefined);
    const found = record && (await sessionOf(home, id, record, 'in-grace', opening.fresh));
    if (!(found instanceof Kept)) return this.begin();
    if (!isOver(limitsOf(found.life, home.lifetime), found.record, home.now())) return this.take(found);
    reportEnd(found.id, 'expired');
    this.begin();
  }

  /** Holds a session as the store has it. */
  take(kept: Kept): void {
    this.state = 'stored';
    this.copy = new WorkingCopy(this.home.codec, kept);
    this.subject = kept.record.subject;
    this.life = kept.life;
    this.#settleOn(kept);
  }

  /** What saving would keep now. Throws a `TypeError` for what cannot be kept. */
  look(at: Kept | null = this.kept): Draft {
    const { copy, subject, life } = this;
    const text = copy.changedText();
    return { text, subject, life, expiresAt: this.#expiry(at, text !== undefined || subject !== at?.record.subject) };
  }

  /** Whether something was changed here that is not saved. */
  get isChanged(): boolean {
    const { copy, subject, life, kept } = this;
    if (!this.isOpen) return false;
    return subject !== kept?.record.subject || !isSameLife(life, kept?.life) || copy.changedText() !== undefined;
  }

  /** Whether a draft has something in it that is not saved. */
  isChange({ text, subject, life }: Draft): boolean {
    return text !== undefined || subject !== this.kept?.record.subject || !isSameLife(life, this.kept?.life);
  }

  /** Whether there is something to write: a change, or an end that is due to be put off. */
  isDue(draft: Draft): boolean {
    return this.isChange(draft) || (this.kept !== null && draft.expiresAt !== this.kept.record.expiresAt);
  }

  draft(at: Kept | null): Draft {
    this.#updatesDrafted = this.copy.countUpdates();
    return this.look(at);
  }

  rebase(theirs: Kept, at: Kept): void {
    if (theirs.record.subject !== at.record.subject)
      throw new SessionChangedError('The session has changed hands since it was loaded; its changes were not saved.');
    const hasChanged = theirs.record.data !== at.record.data;
    if (hasChanged && this.opening.onConflict === 'reject')
      throw new SessionConflictError('Another save of the session came first.');
    if (isSameLife(this.life, at.life)) this.life = theirs.life;
    if (hasChanged) this.copy.rebase(theirs);
    else this.copy.settle(theirs, undefined);
    this.#settleOn(theirs);
  }

  /** `first` is the draft to begin with, where it is known. */
  async save(first: Draft = this.draft(this.kept)): Promise<void> {
    const { home, kept } = this;
    this.assertOpen();
    if (!kept) return this.isChange(first) ? this.#create(first) : undefined;
    if (this.subject !== kept.record.subject) return this.#move(kept, 0);
    const hasChanges = this.isChange(first);
    const outcome = await save(home, kept, this, first);
    if (outcome instanceof Kept) return this.#saved(outcome);
    this.state = outcome;
    if (hasChanges || this.prolongs) this.assertOpen();
  }

  /** Moves to a new token. A session that is not stored yet just gets another one. */
  async regenerate(graceMs: number): Promise<void> {
    this.assertOpen();
    if (this.kept) await this.#move(this.kept, graceMs);
    else this.begin();
  }

  /** Ends the stored session, and goes on in a new one. */
  async reset(): Promise<void> {
    this.assertOpen();
    if (this.kept) await this.#end(this.kept, 'reset');
    this.copy.close();
    this.copy = new WorkingCopy(this.home.codec, this.home.nothing);
    this.subject = undefined;
    this.life = undefined;
    this.begin();
  }

  async destroy(): Promise<void> {
    if (this.kept) await this.#end(this.kept, 'destroyed');
    else if (this.isOpen) this.state = 'ended';
  }

  assertOpen(): void {
    if (this.isOpen) return;
    throw new SessionGoneError(
      this.state === 'moved'
        ? 'Another request has moved the session to a new token meanwhile: nothing was saved.'
        : 'The session has ended meanwhile: nothing was saved.',
    );
  }

  /**
   * Begins a session under a token that nobody has had: one that a visitor sent is never adopted (OWASP, session
   * fixation).
   */
  begin(): void {
    this.state = 'new';
    this.kept = null;
    this.#token = undefined;
    this.#id = undefined;
  }

  async #create(draft: Draft): Promise<void> {
    for (let ids = 0; ids < mostIds; ids += 1) {
      const kept = await create(this.home, this.id, draft);
      if (kept) {
        this.#saved(kept);
        return endSurplus(this.home, kept);
      }
      this.begin();
    }
    throw new SessionConflictError('Every new id was taken by another session; nothing was saved.');
  }

  async #move(kept: Kept, graceMs: number): Promise<void> {
    const signsIn = this.subject !== kept.record.subject;
    const outcome = await move(this.home, kept, this, { graceMs, beginsAnew: signsIn });
    if (outcome === 'gone' || outcome === 'moved') {
      this.state = outcome;
      return this.assertOpen();
    }
    this.#saved(outcome.kept);
    this.#token = outcome.token;
    if (signsIn) await endSurplus(this.home, outcome.kept);
  }

  /**
   * From the moment at which the record is claimed the session is over here, even if it could not be deleted
   * everywhere.
   */
  async #end(kept: Kept, reason: EndReason): Promise<void> {
    const { home } = this;
    const ended = await claimEnd(home, kept.id, kept.record).catch((error: unknown) => {
      if (mayHaveHappened(error)) this.#hasEnded();
      throw error;
    });
    this.kept = null;
    if (ended === null) {
      this.state = 'gone';
      return;
    }
    this.#hasEnded();
    reportEnd(ended, reason);
    await home.store.delete(ended);
  }

  #hasEnded(): void {
    this.state = 'ended';
    this.hasEndedOne = true;
  }

  #saved(kept: Kept): void {
    this.state = 'stored';
    this.copy.settle(kept, this.#updatesDrafted);
    this.#settleOn(kept);
  }

  /** A session that was followed to another id leaves the visitor's cookie alone. */
  #settleOn(kept: Kept): void {
    if (this.#id !== undefined && kept.id !== this.#id) this.#token = null;
    this.#id = kept.id;
    this.kept = kept;
  }

  #expiry(at: Kept | null, isChange: boolean): number {
    const { home, life, prolongs } = this;
    const limits = limitsOf(life, home.lifetime);
    const now = home.now();
    const expiresAt = expiryOf(limits, at?.record.createdAt ?? now, now);
    if (!at || !isSameLife(life, at.life)) return expiresAt;
    const stored = at.record.expiresAt;
    if (!this.rolling && !prolongs) return stored;
    const gainMs = expiresAt - stored;
    if (isChange || (gainMs > 0 && (prolongs || gainMs >= limits.touchAfterMs))) return expiresAt;
    return stored;
  }
}
