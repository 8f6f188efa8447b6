import { randomBytes } from 'node:crypto';
import type { SessionDraft, SessionRecord, SessionStore } from '@stet/core';
import { violated } from './expectation.ts';

const hourMs = 3_600_000;

/** An id that no other rule uses. */
export function newId(): string {
  return randomBytes(32).toString('hex');
}

/** That many ids. */
export function newIds(count: number): string[] {
  return Array.from({ length: count }, newId);
}

/** A draft that lives for an hour, with some of it replaced. */
export function draftOf(over: Partial<SessionDraft> = {}): SessionDraft {
  return { data: '{"cart":["tea"]}', expiresAt: Date.now() + hourMs, ...over };
}

/** What a draft becomes as the first revision. */
export function firstRevision(draft: SessionDraft, createdAt: number): SessionRecord {
  return { createdAt, ...draft, revision: 1 };
}

/** Creates a record for a rule to work on. */
export async function created(
  store: SessionStore,
  over: Partial<SessionDraft> = {},
  id: string = newId(),
): Promise<{ readonly id: string; readonly record: SessionRecord }> {
  const record = await store.create(id, draftOf(over));
  if (!record) return violated('create with an unused id resolves to the record', 'it resolved to null');
  return { id, record };
}
