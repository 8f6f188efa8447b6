import type { FrontStore, IterableStore, SessionDraft, SessionRecord } from '@stet/core';

/**
 * A cache in front of a database as it is commonly built: whoever misses fills it, and a save puts what it has, whole,
 * into both. Only for comparison.
 */
export function cachedDatabase(cache: FrontStore, database: IterableStore): IterableStore {
  const put = async (id: string, draft: SessionDraft): Promise<void> => {
    await cache.delete(id);
    await cache.create(id, draft);
  };
  return {
    capabilities: database.capabilities,
    async load(id) {
      const hit = await cache.load(id);
      if (hit) return hit;
      const record = await database.load(id);
      if (record) await put(id, record);
      return record;
    },
    create: (id, draft) => database.create(id, draft),
    async update(id, base, draft) {
      const saved = await overwrite(database, id, draft);
      if (!saved) return { status: 'gone' };
      await put(id, { ...draft, createdAt: base.createdAt });
      return { status: 'updated', record: { ...saved, revision: base.revision + 1 } };
    },
    async touch(id, expiresAt) {
      await cache.touch(id, expiresAt);
      return database.touch(id, expiresAt);
    },
    async delete(id) {
      const wasLive = await database.delete(id);
      await cache.delete(id);
      return wasLive;
    },
    entries: () => database.entries(),
    close: async () => {},
  };
}

async function overwrite(database: IterableStore, id: string, draft: SessionDraft): Promise<SessionRecord | null> {
  for (;;) {
    const current = await database.load(id);
    if (!current) return null;
    const result = await database.update(id, current, draft);
    if (result.status === 'updated') return result.record;
  }
}
