import { MemoryStore, type SessionRecord, StoreError } from '@stet/core';
import type { SessionStorage } from 'react-router';
import { createStetSessionStorage, type StetSessionStorageOptions } from '../../src/react-router.ts';
import { interceptedStore, type Operation } from './intercepted-store.ts';

export const minuteMs = 60_000;
export const gone = { code: 'SESSION_GONE' };

/** A storage over sessions in memory, at a time that the test moves and with operations that it makes fail. */
export interface ObservedStorage extends SessionStorage {
  readonly memory: MemoryStore;
  /** What the store was asked since the last session was `begun`. */
  readonly calls: Operation[];
  readonly failing: Set<Operation>;
  pass(ms: number): void;
  records(): Promise<Array<readonly [id: string, record: SessionRecord]>>;
  /** How long what is kept has to live, in minutes. */
  minutesLeft(): Promise<number[]>;
  /** The cookie of a session that has been committed with this in it. */
  begun(values?: Record<string, unknown>): Promise<string>;
  /** What the next request finds. */
  data(cookie: string): Promise<unknown>;
}

export function setUp(options: Partial<StetSessionStorageOptions> = {}): ObservedStorage {
  let aheadMs = 0;
  const now = () => Date.now() + aheadMs;
  const memory = new MemoryStore({ now });
  const calls: Operation[] = [];
  const failing = new Set<Operation>();
  const store = interceptedStore(memory, (operation) => {
    calls.push(operation);
    if (failing.has(operation)) throw new StoreError('STORE_UNAVAILABLE', 'The disk is gone.');
  });
  const storage = createStetSessionStorage({ store, now, cookie: { secrets: ['s'] }, ...options });
  const records = () => Array.fromAsync(memory.entries());
  return {
    ...storage,
    memory,
    calls,
    failing,
    pass: (ms) => {
      aheadMs += ms;
    },
    records,
    minutesLeft: async () => (await records()).map(([, { expiresAt }]) => Math.round((expiresAt - now()) / minuteMs)),
    begun: async (values = { user: 'u' }) => {
      const session = await storage.getSession();
      for (const [name, value] of Object.entries(values)) session.set(name, value);
      const cookie = await storage.commitSession(session);
      calls.length = 0;
      return cookie;
    },
    data: async (cookie) => (await storage.getSession(cookie)).data,
  };
}
