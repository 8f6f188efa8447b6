import {
  create,
  type Draft,
  type Edit,
  type Engine,
  Kept,
  merge,
  mostAttempts,
  pauseAfter,
  SessionChangedError,
  SessionConflictError,
  type SessionValues,
  save,
  sessionOf,
} from '@stet/core';

/**
 * When a session ends, in Unix milliseconds, by what the library keeps in it. Asked for the session as it will be
 * stored: where another save came first, that is not quite the one that was given.
 */
export type EndOf = (session: SessionValues) => number;

/**
 * Whom a session belongs to, by what the library keeps in it. A number counts as its decimal text; nothing, or an empty
 * text, is nobody.
 */
// biome-ignore lint/suspicious/noExplicitAny: the application knows what it keeps in its sessions.
export type SubjectOf = (session: Record<string, any>) => string | number | null | undefined;

/** What a library wants kept of a session. */
export interface Change {
  /** The session as the library has it, and its text. */
  readonly values: SessionValues;
  readonly mine: string;
  /**
   * The text of the session as the library knew it before. What differs is what it changed. `undefined`: it is to be
   * the whole session.
   */
  readonly seen: string | undefined;
  readonly endOf: EndOf;
  /** `undefined`: a session keeps the subject that it has. */
  readonly subjectOf: SubjectOf | undefined;
  /** The end of a session that is not changed is stored only where it has moved by this much. */
  readonly touchAfterMs: number;
  /** Whether it becomes a session where there is none. */
  readonly creates: boolean;
  /** Called where there is a session with the id of one that is new. */
  readonly onTaken?: () => void;
}

export async function find(engine: Engine, id: string): Promise<Kept | null> {
  const record = await engine.store.load(id);
  const found = record && (await sessionOf(engine, id, record));
  return found instanceof Kept ? found : null;
}

/**
 * Stores what the change makes of the session last seen, on top of what others saved first. `null`: there is no such
 * session any more, and the change creates none.
 */
export async function keep(engine: Engine, id: string, seen: Kept | null, change: Change): Promise<Kept | null> {
  const edit = editOf(engine, change);
  let at = seen;
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    if (at) {
      const draft = edit.draft(at);
      const outcome = await save(engine, at, edit, draft);
      if (outcome instanceof Kept) return outcome;
      // Where nothing was to be saved, nothing is lost.
      if (!change.creates) return draft.text === undefined ? at : null;
    }
    const created = await create(engine, id, edit.draft(null));
    if (created) return created;
    at = await find(engine, id);
    if (at) change.onTaken?.();
    await pauseAfter(attempt);
  }
  throw new SessionConflictError('The session kept coming and going; nothing was saved.');
}

function editOf(engine: Engine, change: Change): Edit {
  const { codec } = engine;
  const { values, mine, seen, endOf, subjectOf, creates } = change;

  function textOn(at: Kept | null): string {
    if (seen === undefined || at === null || at.text === seen || at.text === mine) return mine;
    return codec.encode(merge(codec.decode(seen), codec.decode(mine), codec.decode(at.text)) as SessionValues);
  }

  return {
    draft(at): Draft {
      const text = textOn(at);
      const kept = text === mine ? values : codec.decode(text);
      const expiresAt = endOf(kept);
      const subject = subjectOf ? subjectIn(subjectOf(kept)) : at?.record.subject;
      if (!at || text !== at.text) return { text, subject, life: at?.life, expiresAt };
      const stored = at.record.expiresAt;
      const isDue = isWorthAWrite(change.touchAfterMs, engine.now(), stored, expiresAt);
      return { text: undefined, subject, life: at.life, expiresAt: isDue ? expiresAt : stored };
    },
    rebase(theirs, at) {
      if (!creates && theirs.record.subject !== at.record.subject)
        throw new SessionChangedError('The session has changed hands since it was loaded; its changes were not saved.');
    },
  };
}

function subjectIn(given: string | number | null | undefined): string | undefined {
  return given === undefined || given === null || given === '' ? undefined : String(given);
}

/** Whether the end of an unchanged session has moved by so much that it has to be stored. */
function isWorthAWrite(touchAfterMs: number, now: number, stored: number, expiresAt: number): boolean {
  const movedMs = Math.abs(expiresAt - stored);
  return movedMs > 0 && movedMs >= Math.min(touchAfterMs, (expiresAt - now) / 10);
}
