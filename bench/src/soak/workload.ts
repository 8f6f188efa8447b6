import { createHash } from 'node:crypto';
import type { SessionStore } from '@stet/core';

const sessions = 1_000;
const underWay = 16;
const lifetimeMs = 3_600_000;

/** Ids that are there, or are not, and come again and again. */
const ids = Array.from({ length: sessions }, (_, at) => createHash('sha256').update(String(at)).digest('hex'));

/** Makes so many calls of all kinds on sessions of about 1 KB, some of them at once. */
export async function work(store: SessionStore, calls: number): Promise<void> {
  let left = calls;
  const visitor = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await visit(store, ids[left % sessions] as string, Math.random());
    }
  };
  await Promise.all(Array.from({ length: underWay }, visitor));
}

async function visit(store: SessionStore, id: string, chance: number): Promise<unknown> {
  const expiresAt = Date.now() + lifetimeMs;
  if (chance < 0.5) return store.load(id);
  if (chance < 0.6) return store.touch(id, expiresAt);
  if (chance < 0.65) return store.delete(id);
  const draft = { data: JSON.stringify({ cart: 'x'.repeat(1_000), chance }), expiresAt };
  const base = chance < 0.7 ? null : await store.load(id);
  return base ? store.update(id, base, draft) : store.create(id, draft);
}
