import { type Deadline, isSessionId, StoreError } from '@stet/core';
import { read } from '../client/once-more.ts';
import { mastersOf, type RedisClient } from '../client/redis-client.ts';

const scannedAtOnce = '500';

/** The ids of all sessions, in pages, each id once: SCAN gives what is there all through at least once. */
export async function* sessionIds(client: RedisClient, prefix: string, deadline: Deadline): AsyncGenerator<string[]> {
  const masters = client.isCluster ? await mastersOfCluster(client, deadline) : [client];
  // Ids all have one length, so that the pattern meets no key of a longer prefix.
  const pattern = prefix + '?'.repeat(64);
  const seen = new Set<string>();
  for (const master of masters) {
    let cursor = '0';
    do {
      const reply = await read(master, deadline, 'SCAN', cursor, 'MATCH', pattern, 'COUNT', scannedAtOnce);
      const [next, keys] = reply as [string, string[]];
      const ids = new Set(keys.map((key) => key.slice(prefix.length)));
      yield Array.from(ids).filter((id) => isSessionId(id) && !seen.has(id));
      for (const id of ids) seen.add(id);
      cursor = next;
    } while (cursor !== '0');
  }
}

/** All masters that have slots, which a client that has lost the connection to one does not have any more. */
async function mastersOfCluster(client: RedisClient, deadline: Deadline): Promise<readonly RedisClient[]> {
  const slots = (await read(client, deadline, 'CLUSTER', 'SLOTS')) as ReadonlyArray<
    readonly [number, number, unknown[]]
  >;
  const expected = new Set(slots.map(([, , [host, port]]) => `${host}:${port}`)).size;
  const masters = mastersOf(client);
  if (expected > 0 && masters.length >= expected) return masters;
  throw new StoreError(
    'STORE_UNAVAILABLE',
    `The client reaches ${masters.length} of ${expected} masters of the cluster.`,
  );
}
