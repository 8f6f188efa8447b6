import { generateToken, SessionGoneError, type SessionValues } from '@stet/core';
import {
  createCookie,
  createSession,
  createSessionStorage,
  isCookie,
  type Session,
  type SessionData,
  type SessionIdStorageStrategy,
  type SessionStorage,
} from 'react-router';
import { KeptSessions, type KeptSessionsOptions } from './kept/kept-sessions.ts';
import { assertTtl, defaultTtlMs } from './session-life.ts';

export type { LegacySessions } from './kept/legacy-sessions.ts';

export interface StetSessionStorageOptions extends KeptSessionsOptions {
  /** The cookie that holds the session's id, or the options to make it of, as `createSessionStorage` takes it. */
  readonly cookie?: SessionIdStorageStrategy['cookie'];
  /**
   * How long a session lives from its last commit where neither that nor the cookie has a `maxAge` or `expires`, in
   * milliseconds. Default one day.
   */
  readonly ttlMs?: number;
}

/** One request's session: what its copies of the data are known by. */
interface Visit {
  /** Empty until the first commit of a new session. */
  sid: string;
}

/**
 * The sessions of React Router over any stet store, in place of `createSessionStorage`. A commit is a compare-and-set
 * of what was changed since `getSession`, a flash message that was read among them: of requests that overlap each keeps
 * its own. `commitSession` rejects with `SessionGoneError` where the session has ended meanwhile: it creates nothing. A
 * cookie whose session has ended, or never was, gives a new session, which will have an id of its own. A failing store
 * rejects, with a `StoreError`.
 */
export function createStetSessionStorage<Data = SessionData, FlashData = Data>({
  cookie: given,
  ttlMs = defaultTtlMs,
  now = Date.now,
  ...options
}: StetSessionStorageOptions): SessionStorage<Data, FlashData> {
  assertTtl(ttlMs);
  const kept = new KeptSessions({ ...options, now });
  const cookie = isCookie(given) ? given : createCookie(given?.name || '__session', given);
  /** The host saves copies, and tells of their session no more than its id. */
  const visits = new WeakMap<object, Visit>();

  async function find(sid: unknown): Promise<SessionValues | null> {
    if (typeof sid !== 'string' || sid === '' || !sid.isWellFormed()) return null;
    return (await kept.load(sid))?.session ?? null;
  }

  function save(sid: string, data: object, expires: Date | undefined, origin: object): Promise<void> {
    return kept.save(sid, data as SessionValues, () => Math.max(0, expires?.getTime() ?? now() + ttlMs), origin);
  }

  const storage = createSessionStorage<Data, FlashData>({
    cookie,
    async createData(data, expires) {
      const visit = visits.get(data) ?? { sid: '' };
      visit.sid = generateToken();
      await save(visit.sid, data, expires, visit);
      return visit.sid;
    },
    readData: async (sid) => (await find(sid)) as Session<Data, FlashData>['data'] | null,
    async updateData(sid, data, expires) {
      // Data of the application's own making becomes the whole session, as it would with any storage.
      const origin = visits.get(data) ?? (await find(sid));
      if (!origin) throw new SessionGoneError('There is no such session: nothing was saved.');
      await save(sid, data, expires, origin);
    },
    async deleteData(sid) {
      if (sid !== '') await kept.destroy(sid);
    },
  });

  return {
    ...storage,
    async getSession(cookieHeader, options) {
      const sid = await cookie.parse(cookieHeader ?? null, options);
      const found = await find(sid);
      const session = createSession<Data, FlashData>((found ?? {}) as Data);
      const visit: Visit = { sid: found ? sid : '' };
      if (found) kept.adopt(found, visit);
      return {
        ...session,
        get id() {
          return visit.sid;
        },
        get data() {
          const { data } = session;
          visits.set(data, visit);
          return data;
        },
      };
    },
  };
}
