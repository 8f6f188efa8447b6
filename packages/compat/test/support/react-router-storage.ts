import type { SessionStorage } from 'react-router';
import { createStetSessionStorage, type StetSessionStorageOptions } from '../../src/react-router.ts';
import { type ObservedMemory, observedMemory } from './observed-memory.ts';

export const gone = { code: 'SESSION_GONE' };

/** A storage over sessions in memory. */
export interface ObservedStorage extends SessionStorage, ObservedMemory {
  /** The cookie of a session that has been committed with this in it; `calls` are those from then on. */
  begun(values?: Record<string, unknown>): Promise<string>;
  /** What the next request finds. */
  data(cookie: string): Promise<unknown>;
}

export function setUp(options: Partial<StetSessionStorageOptions> = {}): ObservedStorage {
  const { seen, store, now } = observedMemory();
  const storage = createStetSessionStorage({ store, now, cookie: { secrets: ['s'] }, ...options });
  return {
    ...storage,
    ...seen,
    begun: async (values = { user: 'u' }) => {
      const session = await storage.getSession();
      for (const [name, value] of Object.entries(values)) session.set(name, value);
      const cookie = await storage.commitSession(session);
      seen.calls.length = 0;
      return cookie;
    },
    data: async (cookie) => (await storage.getSession(cookie)).data,
  };
}
