import {
  assertWholeNumbers,
  Deadlines,
  idOf,
  isStoreError,
  reportCorruptRecord,
  type SessionRecord,
  type SessionValues,
  StoreError,
} from '@stet/core';
import type { LegacySessions } from '../kept/legacy-sessions.ts';

/** What all readers can be told. */
export interface ReaderOptions {
  /** How long a call may take, in milliseconds; for `entries` each step. Default 5,000. */
  readonly timeoutMs?: number;
  /** The clock, in Unix milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** What a library left of one session. */
export interface Left {
  readonly session: SessionValues;
  /** When the session ends, in Unix milliseconds. */
  readonly endsAt: number;
}

/** Asks whoever has the sessions, and waits no longer than a call may take. */
export type Ask = <T>(question: () => PromiseLike<T>) => Promise<T>;

/** Where one library left its sessions. What these reject with is the driver's error, or `STORE_CORRUPT_RECORD`. */
export interface LeftBehind {
  find(sid: string): Promise<Left | null>;
  remove(sid: string): Promise<boolean>;
  /** The ids of all sessions, in batches, each once. */
  sids(ask: Ask): AsyncIterable<readonly string[]>;
}

/** The sessions that were left somewhere, as an application moves in from them. */
export function legacySessions(left: LeftBehind, { timeoutMs = 5_000, now = Date.now }: ReaderOptions): LegacySessions {
  assertWholeNumbers({ timeoutMs });
  const deadlines = new Deadlines(timeoutMs);
  const ask = <T>(question: () => PromiseLike<T>): Promise<T> => deadlines.run('read', () => answered(question));

  async function load(sid: string): Promise<SessionRecord | null> {
    const found = isName(sid) ? await ask(() => left.find(sid)) : null;
    return found && recordOf(found, Math.floor(now()));
  }

  return {
    load,
    delete: async (sid) => isName(sid) && deadlines.run('write', () => answered(() => left.remove(sid))),
    async *entries() {
      for await (const sids of left.sids(ask)) {
        const records = await Promise.all(sids.map((sid) => load(sid).catch(unread(sid))));
        for (const [at, sid] of sids.entries()) {
          const record = records[at];
          if (record) yield [sid, record];
        }
      }
    },
  };
}

/** The session object of a JSON text. Throws `STORE_CORRUPT_RECORD` where it is none. */
export function parseSession(text: string): SessionValues {
  let session: unknown;
  try {
    session = JSON.parse(text);
  } catch {
    // What the parser says quotes the text.
    throw corrupt('What was left of the session is not JSON.');
  }
  if (typeof session === 'object' && session !== null && !Array.isArray(session)) return session as SessionValues;
  throw corrupt('What was left of the session is JSON, but not an object.');
}

export function corrupt(message: string, cause?: unknown): StoreError {
  return new StoreError('STORE_CORRUPT_RECORD', message, { cause });
}

function recordOf({ session, endsAt }: Left, now: number): SessionRecord | null {
  const expiresAt = Math.trunc(endsAt);
  if (!Number.isSafeInteger(expiresAt)) throw corrupt('When the session ends cannot be read.');
  if (expiresAt <= now) return null;
  return { data: JSON.stringify(session), expiresAt, revision: 1, createdAt: savedAt(session, now) };
}

/**
 * No library keeps when a session began. When it was saved last can be told from its cookie, and is the same at each
 * reading; a cookie that ends with the browser leaves the present.
 */
function savedAt({ cookie }: SessionValues, now: number): number {
  const { expires, originalMaxAge } = (cookie ?? {}) as { expires?: unknown; originalMaxAge?: unknown };
  const at = Math.trunc(Date.parse(String(expires)) - Number(originalMaxAge ?? Number.NaN));
  return at >= 0 && at <= now ? at : now;
}

/** Text that can be an id in all places where sessions are left. */
function isName(sid: string): boolean {
  return sid !== '' && sid.isWellFormed() && !sid.includes('\0');
}

async function answered<T>(question: () => PromiseLike<T>): Promise<T> {
  try {
    return await question();
  } catch (cause) {
    if (isStoreError(cause)) throw cause;
    throw new StoreError('STORE_UNAVAILABLE', 'What has the sessions to move in did not answer.', { cause });
  }
}

function unread(sid: string): (error: unknown) => null {
  return (error) => {
    if (!isStoreError(error) || error.code !== 'STORE_CORRUPT_RECORD') throw error;
    reportCorruptRecord(idOf(sid), error);
    return null;
  };
}
