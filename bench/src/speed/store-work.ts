import { strict as assert } from 'node:assert';
import type { Request } from 'express';
import type { Session, SessionData, Store } from 'express-session';
import type { Turn } from './compare.ts';
import { contents } from './contents.ts';
import { atOnce, ratePerSecond } from './rate.ts';

type Loaded = Session & SessionData & { changes: number };

/**
 * So many that a session's turn comes again milliseconds later, even in memory: its end has moved until then, and is
 * stored.
 */
const sessions = 512;
const sids: readonly string[] = Array.from({ length: sessions }, (_, index) => `session-${index}`);

const dayMs = 86_400_000;

/** What express-session has a store do for its requests, a thing at a time. */
export interface StoreWork {
  readonly load: Turn;
  readonly save: Turn;
  readonly touch: Turn;
  /** Rejects where the store does not have all that was saved. */
  check(): Promise<void>;
}

/** Fills a store with sessions, and loads them. */
export async function storeWork(store: Store): Promise<StoreWork> {
  const cookie = { originalMaxAge: dayMs, expires: new Date(Date.now() + dayMs), httpOnly: true, path: '/' };
  const fresh = (): SessionData => ({ cookie, ...contents() }) as unknown as SessionData;
  await Promise.all(sids.map((sid) => answer<void>((done) => store.set(sid, fresh(), done))));
  const loaded = await loadAll(store);

  const forEach = (work: (session: Loaded) => Promise<unknown>): Turn => {
    let next = 0;
    const lane = async (): Promise<void> => {
      const session = loaded[next % sessions] as Loaded;
      next += 1;
      await work(session);
    };
    return (sliceMs) =>
      ratePerSecond(
        sliceMs,
        Array.from({ length: atOnce }, () => lane),
      );
  };
  return {
    load: forEach(async ({ id }) => {
      const found = await answer<SessionData | null | undefined>((done) => store.get(id, done));
      assert(found?.cookie, 'a session is there');
    }),
    save: forEach((session) => {
      session.changes += 1;
      session.touch();
      return answer<void>((done) => store.set(session.id, session, done));
    }),
    touch: forEach((session) => {
      session.touch();
      return answer<void>((done) => store.touch?.(session.id, session, done as () => void));
    }),
    async check() {
      const kept = await loadAll(store);
      const changes = (all: readonly Loaded[]): number[] => all.map((session) => session.changes);
      assert.deepEqual(changes(kept), changes(loaded), 'what was saved is there');
      assert(
        changes(kept).some((count) => count > 0),
        'something was saved',
      );
    },
  };
}

async function loadAll(store: Store): Promise<Loaded[]> {
  const found = await Promise.all(
    sids.map((sid) => answer<SessionData | null | undefined>((done) => store.get(sid, done))),
  );
  return found.map((data, index) => {
    assert(data, 'a session is there');
    const request = { sessionID: sids[index], sessionStore: store } as unknown as Request;
    return store.createSession(request, data) as Loaded;
  });
}

function answer<T>(call: (done: (error?: unknown, value?: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value as T)));
  });
}
