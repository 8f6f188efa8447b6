import { generateToken, idOf, isStoreError } from '@stet/core';
import { type RedisCluster, startRedisCluster } from '@stet/services';
import { Cluster } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RedisStore } from '../src/index.ts';
import { clusterConnection } from './target.ts';

const expiresAt = Date.UTC(2100, 0);
const timeoutMs = 1_000;
const timeScale = Number(process.env.CONFORMANCE_TIME_SCALE ?? 1);

let cluster: RedisCluster;
let client: Cluster;
let store: RedisStore;

beforeAll(async () => {
  cluster = await startRedisCluster();
  const nodes = cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
  client = new Cluster(nodes, { ...clusterConnection });
  client.on('error', () => {});
  store = new RedisStore({ client, timeoutMs: timeoutMs * timeScale });
});
afterAll(async () => {
  client.disconnect();
  await cluster.stop();
});

it('while a master without a replica is down, nothing reads as gone, and nothing hangs', async () => {
  const ids = Array.from({ length: 30 }, () => idOf(generateToken()));
  const records = await Promise.all(ids.map((id) => store.create(id, { data: '', expiresAt, subject: 'user-7' })));
  const [down] = cluster.nodes;
  process.kill(Number(down?.pid), 'SIGKILL');

  const startedAt = performance.now();
  const listing = async (): Promise<number> => (await Array.fromAsync(store.entries())).length;
  const outcomes = await Promise.allSettled([
    ...ids.map(async (id, n) => expect(await store.load(id)).toEqual(records[n])),
    ...ids.map(async (id) => expect(await store.touch(id, expiresAt)).toBe(true)),
    store.bySubject('user-7').then((found) => expect(found).toHaveLength(30)),
    listing().then((count) => expect(count).toBe(30)),
  ]);
  expect(performance.now() - startedAt).toBeLessThan((2 * timeoutMs + 250) * timeScale);
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  expect(failures.length).toBeGreaterThan(0);
  for (const failure of failures) expect(isStoreError(failure), String(failure)).toBe(true);
});
