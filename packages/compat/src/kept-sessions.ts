import {
  type Codec,
  changesBetween,
  encodeValues,
  idOf,
  isSessionId,
  JsonCodec,
  reportCorruptRecord,
  requireFacet,
  SessionConflictError,
  SessionGoneError,
  type SessionRecord,
  type SessionStore,
  type SessionValues,
  Turns,
} from '@stet/core';
import {
  decodeValues,
  type EndOf,
  find,
  type Kept,
  keep,
  nothing,
  type Place,
  type Texts,
  takeApart,
} from './kept-record.ts';
import type { LegacySessions } from './legacy-sessions.ts';
import { type MoveInOptions, moveIn, storeOf } from './move-in.ts';

export interface KeptSessionsOptions {
  readonly store: SessionStore;
  /**
   * The sessions that another library left behind, such as the readers of `@stet/compat/from` find them. Each moves into the store,
   * which has to be `leasable`, on its first use; listing moves all of them first.
   */
  readonly from?: LegacySessions;
  /** How values become text. Default {@link JsonCodec}. */
  readonly codec?: Codec;
  /**
   * The end of a session that was used and not changed is stored only where it has moved by at least this many milliseconds, or by
   * a tenth of the session's life. Default 60,000. 0: at each use.
   */
  readonly touchAfterMs?: number;
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

/** What an object is known as: the record that it was made of or last saved in, and what the object itself had in it then. */
interface Origin extends Kept {
  readonly id: string;
  /** Not `texts`, which have what others saved meanwhile, of which the object knows nothing. */
  readonly seen: Texts;
}

/**
 * The sessions of a library that loads whole objects and saves whole objects, each under an id of its own making (`sid`). Here a
 * save is a compare-and-set of the top-level keys that were changed since the object was handed out; what others changed
 * meanwhile stays, and a session that has ended stays so.
 */
export class KeptSessions {
  readonly #store: SessionStore;
  readonly #arrivals: MoveInOptions | undefined;
  readonly #settings: Omit<Place, 'store' | 'id'>;
  readonly #origins = new WeakMap<object, Origin>();
  readonly #turns = new Turns();

  constructor({ store, from, codec = new JsonCodec(), touchAfterMs = 60_000, now = Date.now }: KeptSessionsOptions) {
    if (!(touchAfterMs >= 0)) throw new TypeError('touchAfterMs is a number of milliseconds, at least 0.');
    this.#store = store;
    this.#arrivals = from && { from, to: requireFacet(store, 'leasable'), codec, now };
    this.#settings = { codec, touchAfterMs, now };
  }

  async load(sid: string): Promise<LoadedSession | null> {
    const place = this.#placeOf(sid);
    const kept = await find(place);
    return kept && this.#handOut(place.id, kept);
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
   * Saves the changes that were made to a session since it was handed out. One that never was is new: it is created, or, where
   * there is one with its sid, its keys are added to that. Where the library gives another object than the one that is known,
   * `holder` is the known one. The session is read at once: what happens to it later is not saved. Rejects with `SessionGoneError`
   * where the session has ended (nothing is created), with `SessionChangedError` where it belongs to another subject now, with
   * `SessionConflictError` where other saves kept coming first, or where a new session may not add its keys (`'refuse'`), with a `TypeError`
   * where a value cannot be kept, and with a `StoreError`.
   */
  async save(
    sid: string,
    session: SessionValues,
    endOf: EndOf,
    holder: object = session,
    whereTaken: 'add' | 'refuse' = 'add',
  ): Promise<void> {
    const mine = encodeValues(this.#settings.codec, session);
    await this.#inTurn(sid, holder, async (place) => {
      const known = this.#known(holder, place.id);
      const merge = applying(changesBetween(known?.seen ?? nothing, mine));
      const ours = known || whereTaken === 'add' ? merge : ontoNothing(merge);
      const kept = await keep(place, known, { merge: ours, endOf, creates: known === null });
      if (!kept) throw new SessionGoneError('The session has ended meanwhile: nothing was saved.');
      this.#origins.set(holder, { ...kept, id: place.id, seen: mine });
    });
  }

  /** Makes this the whole session with that sid, whatever there was. Not for an object that is known: its changes would undo others'. */
  async replace(sid: string, session: SessionValues, endOf: EndOf, holder: object = session): Promise<void> {
    const mine = encodeValues(this.#settings.codec, session);
    await this.#inTurn(sid, holder, async (place) => {
      const kept = await keep(place, await find(place), { merge: () => mine, endOf, creates: true });
      if (kept) this.#origins.set(holder, { ...kept, id: place.id, seen: mine });
    });
  }

  /**
   * Stores the new end of a session that was used, where it has moved enough. What the library keeps in it about its end
   * (`bookkeeping`) is saved where it differs; other keys stay as they are. Nothing becomes of a session that has ended.
   */
  async touch(sid: string, bookkeeping: SessionValues, endOf: EndOf, holder: object = bookkeeping): Promise<void> {
    const given = encodeValues(this.#settings.codec, bookkeeping);
    await this.#inTurn(sid, holder, async (place) => {
      const known = this.#known(holder, place.id);
      const present = known ?? (await find(place));
      if (!present) return;
      const seen = known?.seen ?? present.texts;
      const mine = new Map([...seen, ...given]);
      const kept = await keep(place, present, { merge: applying(changesBetween(seen, mine)), endOf, creates: false });
      if (kept) this.#origins.set(holder, { ...kept, id: place.id, seen: mine });
    });
  }

  /** Ends a session, by its sid or by the id that it is listed with. `false`: there was none. */
  async destroy(sid: string): Promise<boolean> {
    const { store, id } = this.#placeOf(sid);
    return (await store.delete(id)) || (isSessionId(sid) && store.delete(sid));
  }

  /** The ids of all sessions, as the store has them: sids are secrets, and not kept. */
  async *ids(): AsyncGenerator<string> {
    for await (const [id] of this.#records()) yield id;
  }

  /** All sessions that can be read, by those ids. One that is changed may be saved under the id that it is listed with. */
  async *entries(): AsyncGenerator<readonly [id: string, session: LoadedSession]> {
    for await (const [id, record] of this.#records()) {
      try {
        const kept = takeApart({ ...this.#settings, id }, record);
        if (kept) yield [id, this.#handOut(id, kept)];
      } catch (error) {
        reportCorruptRecord(id, error);
      }
    }
  }

  /** Ends all sessions, those that come meanwhile perhaps not. */
  async clear(): Promise<void> {
    for await (const id of this.ids()) await this.#store.delete(id);
  }

  /** What is still where it was left is moved first: its sid cannot be told from its id, by which it may be saved or ended. */
  async *#records(): AsyncGenerator<readonly [id: string, record: SessionRecord]> {
    const store = requireFacet(this.#store, 'iterable');
    if (this.#arrivals) for await (const _ of moveIn(this.#arrivals));
    yield* store.entries();
  }

  #handOut(id: string, kept: Kept): LoadedSession {
    const session = decodeValues(this.#settings.codec, kept.texts);
    this.#origins.set(session, { ...kept, id, seen: kept.texts });
    return { session, expiresAt: kept.record.expiresAt };
  }

  /** What the object is known as, unless that is another session: saved under another sid it is a new one. */
  #known(holder: object, id: string): Origin | null {
    const origin = this.#origins.get(holder);
    return origin?.id === id ? origin : null;
  }

  /** Writes to one session take turns in this process, so that each is compared with what the one before left. */
  #inTurn(sid: string, holder: object, work: (place: Place) => Promise<void>): Promise<void> {
    const place = this.#placeOf(sid, holder);
    return this.#turns.take(place.id, () => work(place));
  }

  #placeOf(sid: string, holder?: object): Place {
    // Half a surrogate pair would be hashed as any other is.
    if (typeof sid !== 'string' || !sid.isWellFormed()) throw new TypeError('The id of a session is well-formed text.');
    const isListed = holder !== undefined && this.#origins.get(holder)?.id === sid;
    return { ...this.#settings, store: this.#storeFor(sid), id: isListed ? sid : idOf(sid) };
  }

  /** Where the session with this sid is kept. */
  #storeFor(sid: string): SessionStore {
    return this.#arrivals ? storeOf(sid, this.#arrivals) : this.#store;
  }
}

function applying(changes: ReadonlyMap<string, string | undefined>): (texts: Texts) => Texts {
  return (texts) => {
    const changed = new Map(texts);
    for (const [key, text] of changes) {
      if (text === undefined) changed.delete(key);
      else changed.set(key, text);
    }
    return changed;
  };
}

/** For a session that is new, and is to have its sid to itself. */
function ontoNothing(merge: (texts: Texts) => Texts): (texts: Texts) => Texts {
  return (texts) => {
    if (texts === nothing) return merge(texts);
    throw new SessionConflictError('There is a session with the id of this new one already: nothing was saved.');
  };
}
