import type { SessionRecord } from '@stet/core';
import { type ContentKey, keyForm, keyName, keyOf, subjectDigest } from '../content/content-key.ts';

/**
 * What changes atomically about a session. It is kept in the *name* of an empty file, because replacing a name is the
 * one compare-and-set that every POSIX file system has: of all who `rename` it from the name that they read, one
 * succeeds.
 */
export interface Head extends ContentKey {
  /** 0 in a lease, which is no session but keeps the place of one. */
  readonly revision: number;
  readonly createdAt: number;
  readonly expiresAt: number;
}

const form = new RegExp(String.raw`^h\.(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)\.${keyForm}$`);

/** The head of a record that is to supersede one of the generation before. */
export function headOf(record: SessionRecord, generation: number, nonce: string): Head {
  const { revision, createdAt, expiresAt, subject } = record;
  return { revision, createdAt, expiresAt, generation, nonce, subject: subjectDigest(subject) };
}

/**
 * No two states of a session share a name: each generation has a nonce of its own, and a touch only ever raises
 * `expiresAt`.
 */
export function headName(head: Head): string {
  return `h.${head.revision}.${head.createdAt}.${head.expiresAt}.${keyName(head)}`;
}

/** The head that a file name spells, or `null` for any other name. */
export function parseHeadName(name: string): Head | null {
  const [, revision, createdAt, expiresAt, generation, nonce, subject] = form.exec(name) ?? [];
  if (!revision || !createdAt || !expiresAt || !generation || !nonce) return null;
  const head = {
    revision: Number(revision),
    createdAt: Number(createdAt),
    expiresAt: Number(expiresAt),
    ...keyOf(generation, nonce, subject),
  };
  return headName(head) === name ? head : null;
}
