import type { SessionDraft, SessionRecord, UpdateResult } from '../../contract/session-store.ts';
import { StoreError } from '../../contract/store-error.ts';
import { SessionConflictError } from '../session-error.ts';
import { mostAttempts, pauseAfter } from './attempts.ts';
import type { Engine } from './engine.ts';
import { Kept } from './kept.ts';
import { type Absence, leftOf } from './load.ts';
import { encodeSession, isSameLife, type OwnLife } from './record-data.ts';

/** What to keep of a session. */
export interface Draft {
  /** The text of its data; `undefined` for that which the store has. */
  readonly text: string | undefined;
  readonly subject: string | undefined;
  readonly life: OwnLife | undefined;
  /** When it ends, in Unix milliseconds. What would be no more than a small gain is left at what the store has. */
  readonly expiresAt: number;
}

/** What somebody wants to save, and how it goes together with what others have saved. */
export interface Edit {
  /** What to keep, on top of what the store has now; `null` for a session that begins. */
  draft(at: Kept | null): Draft;
  /**
   * Another save came first: takes over what it left, with the changes made here on top. Throws where they must not be
   * mixed.
   */
  rebase(theirs: Kept, at: Kept): void;
}

/** Keeps a session that the store does not have. `null`: another one has the id. */
export async function create(engine: Engine, id: string, draft: Draft): Promise<Kept | null> {
  const record = await engine.store.create(id, recordDraft(engine, id, draft));
  return record && new Kept(engine.codec, id, record, draft.text);
}

/**
 * Saves what has changed by compare-and-set, again and again on top of what others saved first; where nothing has
 * changed, it writes nothing. What is not there any more is never created again. `draft` is what `edit` has for `at`,
 * where that is known.
 */
export async function save(
  engine: Engine,
  at: Kept,
  edit: Edit,
  draft: Draft = edit.draft(at),
): Promise<Kept | Absence> {
  if (isKept(at, draft)) return at;
  const result = await write(engine, at, draft);
  if (result.status !== 'conflict') return outcomeOf(engine, at, draft, result);
  const { current } = result;
  return engine.turns.take<Kept | Absence>(at.id, (before) => contend(engine, at, newest(current, before), edit));
}

async function contend(engine: Engine, lost: Kept, beatenBy: SessionRecord, edit: Edit): Promise<Kept | Absence> {
  let [at, current] = [lost, beatenBy];
  for (let attempt = 2; attempt <= mostAttempts; attempt += 1) {
    const theirs = await leftOf(engine, at, current);
    if (!(theirs instanceof Kept)) return theirs;
    edit.rebase(theirs, at);
    at = theirs;
    const draft = edit.draft(at);
    if (isKept(at, draft)) return at;
    const result = await write(engine, at, draft);
    if (result.status !== 'conflict') return outcomeOf(engine, at, draft, result);
    current = result.current;
    await pauseAfter(attempt);
  }
  throw new SessionConflictError('Other saves of the session kept coming first; nothing was saved.');
}

/** What the one before in this process has saved is newer than what this one has lost to, as a rule. */
function newest(current: SessionRecord, before: Kept | Absence | undefined): SessionRecord {
  return before instanceof Kept && before.record.revision > current.revision ? before.record : current;
}

function outcomeOf(
  { codec }: Engine,
  at: Kept,
  { text }: Draft,
  result: Exclude<UpdateResult, { status: 'conflict' }>,
): Kept | Absence {
  if (result.status === 'gone') return 'gone';
  return text === undefined ? at.in(result.record) : new Kept(codec, at.id, result.record, text);
}

function isKept(at: Kept, draft: Draft): boolean {
  return isSame(at, draft) && draft.expiresAt === at.record.expiresAt;
}

/** Whether the session is to be kept as it is, but for its end. */
function isSame({ record, life }: Kept, draft: Draft): boolean {
  return draft.text === undefined && draft.subject === record.subject && isSameLife(draft.life, life);
}

/**
 * A session that may have moved is prolonged by compare-and-set, too: a `touch` would find the marker that it has left,
 * and prolong that.
 */
async function write(engine: Engine, at: Kept, draft: Draft): Promise<UpdateResult> {
  const { store, moves } = engine;
  const { expiresAt } = draft;
  if (moves || !isSame(at, draft) || expiresAt < at.record.expiresAt)
    return store.update(at.id, at.record, recordDraft(engine, at.id, draft, at));
  const isThere = await store.touch(at.id, expiresAt);
  return isThere ? { status: 'updated', record: { ...at.record, expiresAt } } : { status: 'gone' };
}

/** A draft as stores take it. Throws `STORE_TOO_LARGE`. */
export function recordDraft(engine: Engine, id: string, draft: Draft, at?: Kept): SessionDraft {
  const { text, subject, life, expiresAt } = draft;
  const data = encodeSession(sealedFor(engine, id, text, at), life);
  // At most three bytes of UTF-8 for each unit of UTF-16: most data need not be measured.
  const bytes = data.length * 3 > engine.maxDataBytes ? Buffer.byteLength(data) : 0;
  if (bytes > engine.maxDataBytes) {
    throw new StoreError(
      'STORE_TOO_LARGE',
      `The session has ${bytes} bytes; at most ${engine.maxDataBytes} are kept. Nothing was saved.`,
    );
  }
  return subject === undefined ? { data, expiresAt } : { data, expiresAt, subject };
}

function sealedFor({ codec }: Engine, id: string, text: string | undefined, at: Kept | undefined): string {
  if (text !== undefined) return codec.seal(text, id);
  if (!at) return codec.seal(codec.encode({}), id);
  return at.id === id ? at.sealed : codec.seal(at.text, id);
}
