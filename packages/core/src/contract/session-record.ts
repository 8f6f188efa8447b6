import { randomInt } from 'node:crypto';
import { assertInstant, readDraft } from './session-draft.ts';
import type { SessionDraft, SessionRecord } from './session-store.ts';

const firstRevisions = 2 ** 48 - 1;

/**
 * What an update is to keep: the caller's draft, read once and checked. {@link recordAfter} makes the next record of
 * it.
 */
export interface SessionChange extends SessionDraft {
  /** The revision that the update makes: that of the base and one. */
  readonly revision: number;
  /** The draft repeats the expiry of its base: the stored expiry stays, which a touch may have put off meanwhile. */
  readonly keepsExpiry: boolean;
}

/** A record of these parts, frozen. Where the draft has no subject, the record has no such property. */
export function recordOf(
  { data, expiresAt, subject }: SessionDraft,
  revision: number,
  createdAt: number,
): SessionRecord {
  return Object.freeze(
    subject === undefined
      ? { data, expiresAt, revision, createdAt }
      : { data, expiresAt, subject, revision, createdAt },
  );
}

/**
 * The record that `create` is to keep for a draft that was read. Its revision is a random whole number from 1 to below
 * 2^48, so that what was loaded before a delete is no base for what was created later under the same id (contract rule
 * 1.10).
 */
export function firstRecord(draft: SessionDraft, now: number): SessionRecord {
  return recordOf(draft, randomInt(1, firstRevisions), draft.createdAt ?? now);
}

/** The record that a change makes of the one that is stored. */
export function recordAfter(stored: SessionRecord, change: SessionChange): SessionRecord {
  if (!change.keepsExpiry) return recordOf(change, change.revision, stored.createdAt);
  const { data, subject } = change;
  const kept =
    subject === undefined ? { data, expiresAt: stored.expiresAt } : { data, expiresAt: stored.expiresAt, subject };
  return recordOf(kept, change.revision, stored.createdAt);
}

/**
 * Reads the draft of an update from this base once. Throws as `readDraft` does, and a `TypeError` for what is no base.
 */
export function readChange(base: SessionRecord, draft: SessionDraft, maxDataBytes: number): SessionChange {
  const { revision, expiresAt } = base;
  assertRevision(revision);
  const read = readDraft(draft, maxDataBytes);
  return { ...read, revision: revision + 1, keepsExpiry: read.expiresAt === expiresAt };
}

/** Reads a record that another store gave once. Throws as `readDraft` does, and a `TypeError` for what is no record. */
export function readRecord(record: SessionRecord, maxDataBytes: number): SessionRecord {
  const { revision, createdAt } = record;
  assertRevision(revision);
  assertInstant(createdAt, 'createdAt');
  return recordOf(readDraft(record, maxDataBytes), revision, createdAt);
}

function assertRevision(value: unknown): void {
  if (!Number.isSafeInteger(value) || (value as number) < 1) {
    throw new TypeError('A record that a store gave has a revision, which is a whole number above 0.');
  }
}
