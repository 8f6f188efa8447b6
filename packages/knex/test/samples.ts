import { randomBytes } from 'node:crypto';
import type { FrontResult, SessionDraft, SessionRecord } from '@stet/core';
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

/** A record as it comes from another store: at some revision, from some time ago. */
export function recordFromBehind(over: Partial<SessionRecord> = {}): SessionRecord {
  return { ...draftOf({ data: '"from behind"' }), revision: 7, createdAt: Date.now() - 500_000, ...over };
}

/** The token of a lease of an id that has no entry. */
export async function leaseOf(store: KnexStore, id: string): Promise<string> {
  const result = await store.loadOrLease(id).catch((error: unknown) => error);
  expect(result).toMatchObject({ status: 'leased' });
  return (result as { token: string }).token;
}

/** What a front has of a record. */
export async function hitOf(store: KnexStore, id: string): Promise<FrontResult & { readonly status: 'hit' }> {
  const result = await store.loadOrLease(id).catch((error: unknown) => error);
  expect(result).toMatchObject({ status: 'hit' });
  return result as FrontResult & { readonly status: 'hit' };
}
