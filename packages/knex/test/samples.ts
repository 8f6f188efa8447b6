import { randomBytes } from 'node:crypto';
import type { SessionDraft, SessionRecord } from '@stet/core';
import type { Knex } from 'knex';
import { expect } from 'vitest';
import { KnexStore, type KnexStoreOptions } from '../src/index.ts';

export function newId(): string {
  return randomBytes(32).toString('hex');
}

/** A draft that lives for an hour. */
export function draftOf(over: Partial<SessionDraft> = {}): SessionDraft {
  return { data: '{"cart":["tea"]}', expiresAt: Date.now() + 3_600_000, ...over };
}

/** A store with a table of its own. */
export async function storeOn(knex: Knex, options: Partial<KnexStoreOptions> = {}): Promise<KnexStore> {
  const store = new KnexStore({ knex, table: `t${randomBytes(8).toString('hex')}`, ...options });
  await store.createTable();
  return store;
}

/** A new session. */
export async function created(
  store: KnexStore,
  over: Partial<SessionDraft> = {},
): Promise<{ readonly id: string; readonly record: SessionRecord }> {
  const id = newId();
  const record = await store.create(id, draftOf(over)).catch((error: unknown) => error);
  expect(record).toMatchObject({ revision: 1 });
  return { id, record: record as SessionRecord };
}
