import { generateToken, idOf, type SessionRecord } from '@stet/core';
import { askRedis, type RedisSentinel, startRedisSentinel, untilAnswer } from '@stet/services';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkServer, RedisStore } from '../src/index.ts';
import { connection } from './target.ts';

const expiresAt = Date.UTC(2100, 0);

let group: RedisSentinel;
let client: Redis;
let store: RedisStore;
let durable: RedisStore;

beforeAll(async () => {
  group = await startRedisSentinel();
  client = new Redis({ ...connection, sentinels: [...group.sentinels], name: group.name });
  client.on('error', () => {});
  store = new RedisStore({ client, timeoutMs: 20_000 });
  durable = new RedisStore({ client, timeoutMs: 20_000, durability: { replicas: 1, timeoutMs: 500 } });
});
afterAll(async () => {
  client.disconnect();
  await group.stop();
});

/** The replica no longer gets what the master writes, and does not know it. */
async function cutReplication(): Promise<void> {
  await askRedis(group.replica.port, 'replicaof', '127.0.0.1', '1');
  await untilAnswer('connected_slaves:0', group.master.port, 'info', 'replication');
}

async function restoreReplication(): Promise<void> {
  await askRedis(group.replica.port, 'replicaof', '127.0.0.1', String(group.master.port));
  await untilAnswer('master_link_status:up', group.replica.port, 'info', 'replication');
}

describe('durability', () => {
  it('lets a write resolve once the replicas have it', async () => {
    const id = idOf(generateToken());
    await durable.create(id, { data: '', expiresAt });
    expect(await askRedis(group.replica.port, 'exists', `sess:${id}`)).toBe('1\n');
  });

  it('makes it ambiguous where they do not', async () => {
    await cutReplication();
    const id = idOf(generateToken());
    const written = durable.create(id, { data: '', expiresAt });
    await expect(written).rejects.toMatchObject({ code: 'STORE_AMBIGUOUS', retryable: false });
    expect(await store.load(id)).not.toBeNull();
    await restoreReplication();
  });
});

it('checkServer() names the settings that lose sessions', async () => {
  expect(await checkServer(client)).toEqual([expect.stringContaining('appendonly is off')]);
  await client.config('SET', 'maxmemory-policy', 'volatile-lru');
  await client.config('SET', 'appendonly', 'yes');
  expect(await checkServer(client)).toEqual([expect.stringContaining('maxmemory-policy is volatile-lru')]);
  await client.config('SET', 'maxmemory-policy', 'noeviction');
  expect(await checkServer(client)).toEqual([]);
  await client.config('SET', 'appendonly', 'no');
});

it('a failover may roll back what was acknowledged, and compare-and-set is right on what is left', async () => {
  const id = idOf(generateToken());
  const loggedOut = idOf(generateToken());
  const first = (await durable.create(id, { data: 'first', expiresAt })) as SessionRecord;
  await durable.create(loggedOut, { data: 'first', expiresAt });
  await cutReplication();
  const second = await store.update(id, first, { data: 'second', expiresAt });
  expect(second.status).toBe('updated');
  expect(await store.delete(loggedOut)).toBe(true);
  process.kill(group.master.pid, 'SIGKILL');

  // As soon as there is a new master, the store sees what that has.
  const loaded = (): Promise<unknown> => store.load(id).catch((error: { code: string }) => error.code);
  await expect.poll(loaded, { timeout: 50_000 }).toEqual(first);
  expect(await store.load(loggedOut)).toMatchObject({ data: 'first' });
  const lost = (second as { record: SessionRecord }).record;
  expect(await store.update(id, lost, { data: 'third', expiresAt })).toMatchObject({
    status: 'conflict',
    current: first,
  });
  const again = await Promise.all(['a', 'b'].map((data) => store.update(id, first, { data, expiresAt })));
  expect(again.map(({ status }) => status).sort()).toEqual(['conflict', 'updated']);
});
