import { hash } from 'node:crypto';
import { StoreError } from '@stet/core';
import { field } from './entry.ts';
import type { RedisClient } from './redis-client.ts';
import { runScript, type ScriptRun } from './run-script.ts';
import { list } from './scripts.ts';

/** A session that is about to belong to a subject until then. */
export interface Listing {
  readonly subject: string;
  readonly id: string;
  readonly expiresAt: number;
}

/**
 * The ids of a subject's sessions, each with the latest time at which it may end. It lists too much, never too little: a session is
 * listed before it is written, and stays listed until it must have ended, for removing it earlier could overtake its
 * next write. `@` is in no prefix, so that no session of another store has this key.
 */
export function indexKey(prefix: string, subject: string): string {
  return `${prefix}@${hash('sha256', subject)}`;
}

/** How a session is listed. */
export function listing(prefix: string, { subject, id, expiresAt }: Listing, now: number): ScriptRun {
  return { script: list, key: indexKey(prefix, subject), args: [id, field(expiresAt), field(now)] };
}

/**
 * Lists a session, then writes it. One connection keeps their order, so that both go out at once; the nodes of a cluster know no
 * common order, so that the second waits for the first there.
 */
export async function listThenWrite<T>(client: RedisClient, run: ScriptRun, write: () => Promise<T>): Promise<T> {
  const listed = runScript(client, run);
  if (client.isCluster) {
    await listed.catch((cause) => {
      throw new StoreError('STORE_UNAVAILABLE', 'Redis did not list the session by its subject.', { cause });
    });
  }
  const [written, indexed] = await Promise.allSettled([write(), listed]);
  if (written.status === 'rejected') throw written.reason;
  if (indexed.status === 'fulfilled') return written.value;
  throw new StoreError('STORE_AMBIGUOUS', 'Redis wrote the session, but did not list it by its subject.', {
    cause: indexed.reason,
  });
}
