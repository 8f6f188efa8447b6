import {
  type Codec,
  type Engine,
  idOf,
  isSessionId,
  JsonCodec,
  Kept,
  reportCorruptRecord,
  requireFacet,
  SessionConflictError,
  SessionGoneError,
  type SessionRecord,
  type SessionStore,
  type SessionValues,
  sessionOf,
  Turns,
} from '@stet/core';
import { type Change, type EndOf, find, keep, type SubjectOf } from './kept-record.ts';
import type { LegacySessions } from './legacy-sessions.ts';
import { type MoveInOptions, moveIn, storeOf } from './move-in.ts';

export interface KeptSessionsOptions {
  readonly store: SessionStore;
  /**
   * The sessions that another library left behind, such as the readers of `@stet/compat/from` find them. Each moves
   * into the store, which has to be `leasable`, on its first use; listing moves all of them first.
   */
  readonly from?: LegacySessions;
  /** How values become text. Default {@link JsonCodec}. */
  readonly codec?: Codec;
  /**
   * The end of a session that was used and not changed is stored only where it has moved by at least this many
   * milliseconds, or by a tenth of the session's life. Default 60,000. 0: at each use.
   */
  readonly touchAfterMs?: number;
  /**
   * Whom a session belongs to, by what the library keeps in it: `(session) => session.passport?.user`. The store finds
   * sessions by it, so that `Sessions.revokeSubject` over the same store logs a user out everywhere. A save of one user
   * is not merged into what has become another's. Default: the subject that a session has stays.
   */
  readonly subject?: SubjectOf;
  /** The clock, in Unix milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** A session as the store has it. */
export interface LoadedSession {
  /** The library's own, to change as it likes: what it saves is compared with what was handed out here. */
  readonly session: SessionValues;
  /** When the session ends, in Unix milliseconds. */
  readonly expiresAt: number;
}

/** Where a session is kept, and how. */
interface Place {
  readonly engine: Engine;
  readonly id: string;
}

/** What an object is known as. */
interface Origin {
  /** The session that it was made of or last saved in. */
  readonly kept: Kept;
  /**
   * The text of what the object itself had in it then: not that of `kept`, which has what others saved meanwhile, of
   * which it knows nothing.
   */
  readonly seen: string;
}

/**
 * The sessions of a library that loads whole objects and saves whole objects, each under an id of its own making
 * (`sid`). Here a save is a compare-and-set of what was changed since the object was handed out, as deep as plain
 * objects go; what others changed meanwhile stays, and a session that has ended stays so.
 */
export class KeptSessions {
  readonly #arrivals: MoveInOptions | undefined;
  readonly #engine: Engine;
  readonly #rules: Pick<Change, 'touchAfterMs' | 'subjectOf'>;
  readonly #origins = new WeakMap<object, Origin>();

  constructor(options: KeptSessionsOptions) {
    const { store, from, codec = new JsonCodec(), touchAfterMs = 60_000, subject, now = Date.now } = options;
    if (!(touchAfterMs >= 0)) throw new TypeError('touchAfterMs is a number of milliseconds, at least 0.');
    this.#arrivals = from && { from, to: requireFacet(store, 'leasable'), codec };
    this.#rules = { touchAfterMs, subjectOf: subject };
    // How much one session may have is for the store to say.
    this.#engine = { store, codec, maxDataBytes: Number.POSITIVE_INFINITY, moves: false, now, turns: new Turns() };
  }

  async load(sid: string): Promise<LoadedSession | null> {
    const { engine, id } = this.#placeOf(sid);
    const kept = await find(engine, id);
    return kept && this.#handOut(kept);
  }

  /** Whether the object was handed out here as the session with that sid, adopted, or saved as it. */
  knows(sid: string, holder: object): boolean {
    return this.#known(holder, this.#placeOf(sid, holder).id) !== null;
  }

  /** `heir` is what the library made of an object that it was handed: its changes, too, are those since then. */
  adopt(session: object, heir: object): void {
    const origin = this.#origins.get(session);
    if (origin) this.#origins.set(heir, origin);
  }

  /**
   * Saves the changes that were made to a session since it was handed out. One that never was is new: it is created,
   * or, where there is one with its sid, its keys are added to that. Where the library gives another object than the
   * one that is known, `holder` is the known one. The session is read at once: what happens to it later is not saved.
   * Rejects with `SessionGoneError` where the session has ended (nothing is created), with `SessionChangedError` where
   * it belongs to another subject now, with `SessionConflictError` where other saves kept coming first, or where a new
   * session may not add its keys (`'refuse'`), with a `TypeError` where a value cannot be kept, and with a
   * `StoreError`.
   */
  async save(
    sid: string,
    session: SessionValues,
    endOf: EndOf,
    holder: object = session,
    whereTaken: 'add' | 'refuse' = 'add',
  ): Promise<void> {
    const mine = this.#engine.codec.encode(session);
    await this.#inTurn(sid, holder, async ({ engine, id }) => {
      const known = this.#known(holder, id);
      const kept = await keep(engine, id, known?.kept ?? null, {
        values: session,
        mine,
        seen: known?.seen ?? engine.codec.encode({}),
        endOf,
        ...this.#rules,
        creates: known === null,
        ...(whereTaken === 'refuse' && { onTaken: refuseTaken }),
      });
      if (!kept) throw new SessionGoneError('The session has ended meanwhile: nothing was saved.');
      this.#origins.set(holder, { kept, seen: mine });
    });
  }

  /**
   * Makes this the whole session with that sid, whatever there was. Not for an object that is known: its changes would
   * undo others'.
   */
  async replace(sid: string, session: SessionValues, endOf: EndOf, holder: object = session): Promise<void> {
    const mine = this.#engine.codec.encode(session);
    await this.#inTurn(sid, holder, async ({ engine, id }) => {
      const change = { ...this.#rules, values: session, mine, seen: undefined, endOf, creates: true };
      const kept = await keep(engine, id, await find(engine, id), change);
      if (kept) this.#origins.set(holder, { kept, seen: mine });
    });
  }

  /**
   * Stores the new end of a session that was used, where it has moved enough. What the library keeps in it about its
   * end (`bookkeeping`) is saved where it differs; other keys stay as they are. Nothing becomes of a session that has
   * ended.
   */
  async touch(sid: string, bookkeeping: SessionValues, endOf: EndOf, holder: object = bookkeeping): Promise<void> {
    const { codec } = this.#engine;
    const given = codec.decode(codec.encode(bookkeeping));
    await this.#inTurn(sid, holder, async ({ engine, id }) => {
      const known = this.#known(holder, id);
      const present = known?.kept ?? (await find(engine, id));
      if (!present) return;
      const seen = known?.seen ?? present.text;
      const values = { ...codec.decode(seen), ...given };
      const mine = codec.encode(values);
      const change = { ...this.#rules, values, mine, seen, endOf, creates: false };
      const kept = await keep(engine, id, present, change);
      if (kept) this.#origins.set(holder, { kept, seen: mine });
    });
  }

  /** Ends a session, by its sid or by the id that it is listed with. `false`: there was none. */
  async destroy(sid: string): Promise<boolean> {
    const { engine, id } = this.#placeOf(sid);
    const { store } = engine;
    return (await store.delete(id)) || (isSessionId(sid) && store.delete(sid));
  }

  /** The ids of all sessions, as the store has them: sids are secrets, and not kept. */
  async *ids(): AsyncGenerator<string> {
    for await (const [id] of this.#records()) yield id;
  }

  /**
   * All sessions that can be read, by those ids. One that is changed may be saved under the id that it is listed with.
   */
  async *entries(): AsyncGenerator<readonly [id: string, session: LoadedSession]> {
    for await (const [id, record] of this.#records()) {
      try {
        const kept = await sessionOf(this.#engine, id, record);
        if (kept instanceof Kept) yield [id, this.#handOut(kept)];
      } catch (error) {
        reportCorruptRecord(id, error);
      }
    }
  }

  /** Ends all sessions, those that come meanwhile perhaps not. */
  async clear(): Promise<void> {
    for await (const id of this.ids()) await this.#engine.store.delete(id);
  }

  /**
   * What is still where it was left is moved first: its sid cannot be told from its id, by which it may be saved or
   * ended.
   */
  async *#records(): AsyncGenerator<readonly [id: string, record: SessionRecord]> {
    const store = requireFacet(this.#engine.store, 'iterable');
    if (this.#arrivals) for await (const _ of moveIn(this.#arrivals));
    yield* store.entries();
  }

  #handOut(kept: Kept): LoadedSession {
    const session = this.#engine.codec.decode(kept.text);
    this.#origins.set(session, { kept, seen: kept.text });
    return { session, expiresAt: kept.record.expiresAt };
  }

  /** What the object is known as, unless that is another session: saved under another sid it is a new one. */
  #known(holder: object, id: string): Origin | null {
    const origin = this.#origins.get(holder);
    return origin?.kept.id === id ? origin : null;
  }

  /** Writes to one session take turns in this process, so that each is compared with what the one before left. */
  #inTurn(sid: string, holder: object, work: (place: Place) => Promise<void>): Promise<void> {
    const place = this.#placeOf(sid, holder);
    return place.engine.turns.take(holder, () => work(place));
  }

  #placeOf(sid: string, holder?: object): Place {
    // Half a surrogate pair would be hashed as any other is.
    if (typeof sid !== 'string' || !sid.isWellFormed()) throw new TypeError('The id of a session is well-formed text.');
    const isListed = holder !== undefined && this.#origins.get(holder)?.kept.id === sid;
    return { engine: this.#engineFor(sid), id: isListed ? sid : idOf(sid) };
  }

  /** The session with this sid may still be where it was left: then its first use brings it over. */
  #engineFor(sid: string): Engine {
    return this.#arrivals ? { ...this.#engine, store: storeOf(sid, this.#arrivals) } : this.#engine;
  }
}

function refuseTaken(): never {
  throw new SessionConflictError('There is a session with the id of this new one already: nothing was saved.');
}
