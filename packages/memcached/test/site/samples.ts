import { randomBytes } from 'node:crypto';
import type { SessionDraft, SessionRecord } from '@stet/core';
import { expect } from 'vitest';
import type { MemcachedStore } from '../../src/index.ts';

export function newId(): string {
  return randomBytes(32).toString('hex');
}

/** A draft that lives for an hour. */
export function draftOf(over: Partial<SessionDraft> = {}): SessionDraft {
  return { data: '{"cart":["tea"]}', expiresAt: Date.now() + 3_600_000, ...over };
}

/** A new session. */
export async function created(
  store: MemcachedStore,
  over: Partial<SessionDraft> = {},
): Promise<{ readonly id: string; readonly record: SessionRecord }> {
  const id = newId();
  const record = await store.create(id, draftOf(over));
  expect(record).not.toBeNull();
  return { id, record: record as SessionRecord };
}

/** The record that must be there. */
export async function loaded(store: MemcachedStore, id: string): Promise<SessionRecord> {
  const record = await store.load(id);
  expect(record).not.toBeNull();
  return record as SessionRecord;
}
