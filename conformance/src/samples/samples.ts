import { randomBytes } from 'node:crypto';
import type { SessionDraft, SessionRecord, SessionStore } from '@stet/core';
import { shown, violated } from '../expectation.ts';

const hourMs = 3_600_000;

/** An id that no other rule uses. */
export function newId(): string {
  return randomBytes(32).toString('hex');
}

/** That many ids. */
export function newIds(count: number): string[] {
  return Array.from({ length: count }, newId);
}

/** A draft that lives for an hour and a bit, to a whole second, with some of it replaced. */
export function draftOf(over: Partial<SessionDraft> = {}): SessionDraft {
  return { data: '{"cart":["tea"]}', expiresAt: Math.ceil(Date.now() / 1_000) * 1_000 + hourMs, ...over };
}

/** A record of a draft, as another store may have made it. */
export function madeElsewhere(draft: SessionDraft, createdAt: number): SessionRecord {
  return { createdAt, ...draft, revision: 1 };
}

/**
 * Creates a record for a rule to work on, and gives it as load does: what create itself resolves to is the business of
 * section 1 alone.
 */
export async function created(
  store: SessionStore,
  over: Partial<SessionDraft> = {},
  id: string = newId(),
): Promise<{ readonly id: string; readonly record: SessionRecord }> {
  const record = await store.create(id, draftOf(over));
  if (!record) return violated('create with an unused id to resolve to the record', shown(record));
  return { id, record: (await store.load(id)) ?? record };
}

/** How many calls a rule makes at once where it makes very many. */
export const atOnce = 50;

/** Creates a record for each id, some at a time. */
export async function populate(
  store: SessionStore,
  ids: readonly string[],
  over: Partial<SessionDraft> = {},
): Promise<void> {
  for (let at = 0; at < ids.length; at += atOnce) {
    await Promise.all(ids.slice(at, at + atOnce).map((id) => store.create(id, draftOf(over))));
  }
}
