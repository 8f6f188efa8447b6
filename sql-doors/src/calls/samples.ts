import { randomBytes } from 'node:crypto';
import type { FrontResult, SessionDraft, SessionRecord } from '@stet/core';
import type { SqlStore, SqlStoreSettings } from '@stet/sql';
import { expect } from 'vitest';
import type { Opened } from '../door.ts';

export function newId(): string {
  return randomBytes(32).toString('hex');
}

/** A draft that lives for an hour. */
export function draftOf(over: Partial<SessionDraft> = {}): SessionDraft {
  return { data: '{"cart":["tea"]}', expiresAt: Date.now() + 3_600_000, ...over };
}

/** A store with a table of its own. */
export async function storeOn({ store: storeOf }: Opened, settings: SqlStoreSettings = {}): Promise<SqlStore> {
  const store = storeOf({ table: `t${randomBytes(8).toString('hex')}`, ...settings });
  await store.createTable();
  return store;
}

/** A new session. */
export async function created(
  store: SqlStore,
  over: Partial<SessionDraft> = {},
): Promise<{ readonly id: string; readonly record: SessionRecord }> {
  const id = newId();
  const record = await store.create(id, draftOf(over)).catch((error: unknown) => error);
  expect(record).toMatchObject({ revision: expect.any(Number) });
  return { id, record: record as SessionRecord };
}

/** A record as it comes from another store: at some revision, from some time ago. */
export function recordFromBehind(over: Partial<SessionRecord> = {}): SessionRecord {
  return { ...draftOf({ data: '"from behind"' }), revision: 7, createdAt: Date.now() - 500_000, ...over };
}

/** The token of a lease of an id that has no entry. */
export async function leaseOf(store: SqlStore, id: string): Promise<string> {
  const result = await store.loadOrLease(id).catch((error: unknown) => error);
  expect(result).toMatchObject({ status: 'leased' });
  return (result as { token: string }).token;
}

/** What a front has of a record. */
export async function hitOf(store: SqlStore, id: string): Promise<FrontResult & { readonly status: 'hit' }> {
  const result = await store.loadOrLease(id).catch((error: unknown) => error);
  expect(result).toMatchObject({ status: 'hit' });
  return result as FrontResult & { readonly status: 'hit' };
}
