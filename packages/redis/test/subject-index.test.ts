import { generateToken, idOf, type SessionRecord } from '@stet/core';
import {
  type FaultProxy,
  type RedisCluster,
  type RedisServer,
  startFaultProxy,
  startRedis,
  startRedisCluster,
} from '@stet/services';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisStore } from '../src/index.ts';
import { clusterConnection, connection } from './target.ts';

const minuteMs = 60_000;

async function idsOf(store: RedisStore, subject: string): Promise<string[]> {
  return (await store.bySubject(subject)).map(([id]) => id).toSorted();
}

describe('the index of a subject', () => {
  let server: RedisServer;
  let client: Redis;
  let store: RedisStore;
  let clock = Date.now();
  const now = (): number => clock;

  beforeAll(async () => {
    server = await startRedis();
    client = new Redis(server.port, connection);
    store = new RedisStore({ client, now });
  });
  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  async function newSession(subject?: string): Promise<{ id: string; record: SessionRecord }> {
    const id = idOf(generateToken());
    const record = await store.create(id, { data: '', expiresAt: clock + minuteMs, ...(subject && { subject }) });
    if (!record) throw new Error('The id of a new session is taken.');
    return { id, record };
  }

  it('knows a session that got its subject by an update, after a touch that the update did not know of', async () => {
    const { id, record } = await newSession();
    // Far beyond what the update alone would list it for.
    await store.touch(id, clock + 600 * minuteMs);
    await store.update(id, record, { data: '', expiresAt: record.expiresAt, subject: 'late login' });
    clock += 500 * minuteMs;
    await newSession('late login').then(({ id: other }) => store.delete(other));
    expect(await store.load(id)).not.toBeNull();
    expect(await idsOf(store, 'late login')).toEqual([id]);
  });

  it('knows a session that is touched again and again, long after its first expiry', async () => {
    const { id } = await newSession('reader');
    for (let lifeMs = minuteMs; lifeMs < 10_000 * minuteMs; lifeMs *= 3) {
      expect(await store.touch(id, clock + lifeMs)).toBe(true);
      clock += 0.9 * lifeMs;
      // A listing of the subject drops what is out of date.
      const { id: other } = await newSession('reader');
      expect(await idsOf(store, 'reader')).toEqual([id, other].toSorted());
      await store.delete(other);
    }
  });

  it('is right whatever order touches, updates and deletes come in', async () => {
    const subjects = ['a', 'b', 'c', undefined];
    const sessions = await Promise.all(Array.from({ length: 12 }, () => newSession()));
    const pick = <T>(among: readonly T[]): T => among[Math.floor(Math.random() * among.length)] as T;
    const work = async (): Promise<void> => {
      for (let step = 0; step < 60; step += 1) {
        const { id } = pick(sessions);
        const record = await store.load(id);
        if (!record) continue;
        const subject = pick(subjects);
        const expiresAt = pick([record.expiresAt, record.expiresAt + 1, clock + minuteMs]);
        if (Math.random() < 0.5) await store.touch(id, record.expiresAt + Math.ceil(Math.random() * minuteMs));
        else await store.update(id, record, { data: '', expiresAt, ...(subject && { subject }) });
      }
    };
    await Promise.all([work(), work(), work(), work()]);
    await store.delete(pick(sessions).id);
    for (const aheadMs of [0, minuteMs, 5 * minuteMs]) {
      clock += aheadMs;
      const live = (await Promise.all(sessions.map(async ({ id }) => [id, await store.load(id)] as const))).sort();
      for (const subject of ['a', 'b', 'c']) {
        const owned = live.filter(([, record]) => record?.subject === subject).map(([id]) => id);
        expect(await idsOf(store, subject), `${subject}, ${aheadMs} ms later`).toEqual(owned.toSorted());
      }
    }
  });

  it('does not outlive its sessions, nor keep those that have ended', async () => {
    await newSession('finite');
    const keys = await client.keys('sess:@*');
    for (const key of keys) expect(await client.pttl(key)).toBeGreaterThan(0);
    clock += 120 * minuteMs;
    const staying = await newSession('finite');
    const listed = await Promise.all(keys.map((key) => client.zrange(key, '0', '-1')));
    expect(listed).toContainEqual([staying.id]);
  });
});

describe('in a cluster, where no order of commands holds between nodes', () => {
  const host = '127.0.0.1';
  let cluster: RedisCluster;
  let proxies: FaultProxy[];
  let client: Cluster;

  beforeAll(async () => {
    cluster = await startRedisCluster();
    proxies = await Promise.all(cluster.nodes.map(({ port }) => startFaultProxy(port)));
    const behind = cluster.nodes.map(({ port }, at) => [`${host}:${port}`, { host, port: Number(proxies[at]?.port) }]);
    client = new Cluster([{ host, port: Number(proxies[0]?.port) }], {
      ...clusterConnection,
      natMap: Object.fromEntries(behind),
    });
    client.on('error', () => {});
  });
  afterAll(async () => {
    client.disconnect();
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await cluster.stop();
  });

  it('a session is not written while its subject cannot be listed', async () => {
    const store = new RedisStore({ client, timeoutMs: 1_000 });
    const ids = Array.from({ length: 40 }, () => idOf(generateToken()));
    await Promise.all(ids.map((id) => store.load(id)));
    const [first] = proxies;
    await first?.set('stall');
    const expiresAt = Date.now() + minuteMs;
    const made = await Promise.allSettled(
      ids.map((id, n) => store.create(id, { data: '', expiresAt, subject: `user-${n}` })),
    );
    for (const [n, id] of ids.entries()) {
      if (made[n]?.status === 'fulfilled') continue;
      const record = await new RedisStore({ client, timeoutMs: 100 }).load(id).catch(() => null);
      expect(record, 'a session whose subject could not be listed').toBeNull();
    }
    await first?.set('refuse');
    await first?.set('none');
    expect(made.some(({ status }) => status === 'rejected')).toBe(true);
  });
});
