import type { SessionRecord, SessionStore } from '@stet/core';
import { MigratingStore } from '../../src/index.ts';
import { foreverMs } from './execution.ts';
import type { Protocol } from './model.ts';
import { type Ask, backOn, frontOn, id } from './stores.ts';

export const migrating: Protocol = (ask) =>
  new MigratingStore({ from: backOn(ask), to: frontOn(ask), timeoutMs: foreverMs });

/** How sessions are moved elsewhere: whoever misses copies. */
export const naiveMigrations: Readonly<Record<string, Protocol>> = {
  'copy, then delete': (ask) => naive(ask, async ({ put }, record) => put(record)),
  'copy if missing, then delete': (ask) => naive(ask, async ({ putIfMissing }, record) => putIfMissing(record)),
  'delete, then copy': (ask) =>
    naive(ask, async ({ put }, record) => {
      if (await backOn(ask).delete(id)) await put(record);
    }),
  'copy, and log out of the new store alone': (ask) => ({
    ...naive(ask, async ({ putIfMissing }, record) => putIfMissing(record)),
    delete: () => frontOn(ask).delete(id),
  }),
};

function naive(ask: Ask, copy: (to: ReturnType<typeof frontOn>, record: SessionRecord) => Promise<void>): SessionStore {
  const [to, from] = [frontOn(ask), backOn(ask)];
  const load = async (): Promise<SessionRecord | null> => {
    const here = await to.load(id);
    if (here) return here;
    const there = await from.load(id);
    if (!there) return to.load(id);
    await copy(to, there);
    await from.delete(id);
    return to.load(id);
  };
  const store: Partial<SessionStore> = {
    load,
    update: (_, base, draft) => to.update(id, base, draft),
    async delete() {
      const wasThere = await from.delete(id);
      return (await to.delete(id)) || wasThere;
    },
  };
  return store as SessionStore;
}
