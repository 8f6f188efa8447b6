import { hash } from 'node:crypto';
import { type Deadline, StoreError } from '@stet/core';
import { onceMore } from '../client/once-more.ts';
import type { RedisClient } from '../client/redis-client.ts';
import { field } from '../entry.ts';
import { list, unlist } from '../scripts/index-scripts.ts';
import { sendScript } from '../scripts/run-script.ts';

const hourMs = 3_600_000;

/**
 * The sorted set of a subject's sessions: their ids, each with its listing. It lists too much, never too little: a
 * session is listed before it is written. `@` is in no prefix, so that no session of another store has this key.
 */
export function indexKey(prefix: string, subject: string): string {
  return `${prefix}@${hash('sha256', subject)}`;
}

/**
 * The time until which a session that ends then is listed, in Unix milliseconds. It is twice as far off, so that the
 * session can be put off without being listed anew; and it is the first such time at as many minutes, seconds and
 * milliseconds past the hour as now: so a listing tells how long ago it was made, up to whole hours, and none is like
 * another one of the session.
 */
export function listingFor(expiresAt: number, now: number): number {
  const until = expiresAt + (expiresAt - now);
  const listing = until + pastTheHour(now - until);
  return Math.max(expiresAt, Math.min(listing, Number.MAX_SAFE_INTEGER));
}

/** Whether a listing was made longer ago than that. Of one that was, this may not be seen at times. */
export function isOlder(listing: number, ageMs: number, now: number): boolean {
  return listing < Number.MAX_SAFE_INTEGER && pastTheHour(now - listing) > ageMs;
}

function pastTheHour(ms: number): number {
  return ((ms % hourMs) + hourMs) % hourMs;
}

export interface Listing {
  /** The index of the subject. */
  readonly key: string;
  readonly id: string;
  /** As a field. */
  readonly until: string;
}

/**
 * Lists a session, then writes it. One connection keeps their order, so that both go out at once; the nodes of a
 * cluster know no common order, so that the second waits for the first there.
 */
export async function listThenWrite<T>(
  client: RedisClient,
  { key, id, until }: Listing,
  now: number,
  deadline: Deadline,
  write: () => Promise<T>,
): Promise<T> {
  const listed = onceMore(deadline, () => sendScript(client, list, key, [id, until, field(now)]));
  if (client.isCluster) {
    await listed.catch((cause: unknown) => {
      throw new StoreError('STORE_UNAVAILABLE', 'Redis did not list the session by its subject.', { cause });
    });
    deadline.assertAhead();
  }
  const [written, indexed] = await Promise.allSettled([write(), listed]);
  if (written.status === 'rejected') throw written.reason;
  if (indexed.status === 'fulfilled') return written.value;
  throw new StoreError('STORE_AMBIGUOUS', 'Redis wrote the session, but did not list it by its subject.', {
    cause: indexed.reason,
  });
}

/** Takes sessions from the index of a subject, unless they have been listed anew. */
export function takeOut(
  client: RedisClient,
  key: string,
  listings: ReadonlyArray<readonly [id: string, until: string]>,
): Promise<unknown> {
  return sendScript(client, unlist, key, listings.flat());
}

/** What is listed for a subject, in pages. What is listed all through is among it, maybe more than once. */
export async function* listed(
  client: RedisClient,
  key: string,
  deadline: Deadline,
): AsyncGenerator<Array<readonly [id: string, until: string]>> {
  let cursor = '0';
  do {
    const reply = await onceMore(deadline, () => client.call('ZSCAN', key, cursor, 'COUNT', listedAtOnce));
    const [next, flat] = reply as [string, string[]];
    for (let at = 0; at < flat.length; at += 2 * Number(listedAtOnce))
      yield pairs(flat.slice(at, at + 2 * Number(listedAtOnce)));
    cursor = String(next);
  } while (cursor !== '0');
}

const listedAtOnce = '100';

function pairs(flat: readonly string[]): Array<readonly [string, string]> {
  return flat.flatMap((each, at) => (at % 2 === 0 ? [[each, String(flat[at + 1])] as const] : []));
}
