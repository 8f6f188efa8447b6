import { isSessionId, StoreError } from '@stet/core';
import { read } from './read.ts';
import { mastersOf, type RedisClient } from './redis-client.ts';

const scannedAtOnce = '500';

/**
 * The ids of all sessions, in batches, each id once: SCAN gives what is there all through at least once. `step` makes one
 * round trip.
 */
export async function* sessionIds(
  client: RedisClient,
  prefix: string,
  step: <T>(roundTrip: () => Promise<T>) => Promise<T>,
): AsyncGenerator<string[]> {
  // A cluster client knows the masters once it is connected.
  if (client.isCluster) await step(() => read(client, 'PING'));
  const masters = mastersOf(client);
  if (masters.length === 0) throw new StoreError('STORE_UNAVAILABLE', 'The cluster has no masters.');
  // Ids all have one length, so that the pattern meets no key of a longer prefix.
  const pattern = prefix + '?'.repeat(64);
  const seen = new Set<string>();
  for (const master of masters) {
    let cursor = '0';
    do {
      const reply = await step(() => read(master, 'SCAN', cursor, 'MATCH', pattern, 'COUNT', scannedAtOnce));
      const [next, keys] = reply as [string, string[]];
      const ids = new Set(keys.map((key) => key.slice(prefix.length)));
      yield Array.from(ids).filter((id) => isSessionId(id) && !seen.has(id));
      for (const id of ids) seen.add(id);
      cursor = next;
    } while (cursor !== '0');
  }
}
