import Memcached from 'memcached';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { fromMemcached } from '../src/client/memcached/from-memcached.ts';
import { clientSettings, type MemcachedClient } from '../src/index.ts';
import { clientNames } from './site/clients.ts';
import { type OneServer, startOneServer } from './site/one-server.ts';
import { created, newId } from './site/samples.ts';

describe('a client of memcached that', () => {
  /** A client that connects nowhere, whose `del` is another. */
  function clientWith(del: MemcachedClient['del']): MemcachedClient {
    return Object.assign(new Memcached('127.0.0.1:1', clientSettings), { del }) as unknown as MemcachedClient;
  }

  it('calls back twice is heard once', async () => {
    const client = clientWith((_, callback) => {
      callback(undefined, true);
      callback(new Error('late'), false);
    });
    await expect(fromMemcached(client, 1).delete('key', 1_000)).resolves.toBe(true);
  });

  it('throws has not sent the command', async () => {
    const error = new TypeError('thrown');
    const client = clientWith(() => {
      throw error;
    });
    await expect(fromMemcached(client, 1).delete('key', 1_000)).rejects.toBe(error);
  });

  it('never calls back is given up, whoever else waits longer', async () => {
    const commands = fromMemcached(
      clientWith(() => {}),
      1,
    );
    let patient: unknown = 'waits';
    commands.delete('key', 1_000_000).then((answer) => {
      patient = answer;
    });
    for (const waitMs of [20, 5, 10]) await expect(commands.delete('key', waitMs)).resolves.toBeUndefined();
    expect(patient).toBe('waits');
  });
});

describe.each(clientNames)('through %s', (clientName) => {
  let site: OneServer;
  beforeAll(async () => {
    site = await startOneServer(clientName);
  });
  afterAll(() => site.stop());

  test('an answer that came while this process was busy is no timeout', async () => {
    const { id, record } = await created(site.directStore());
    const store = site.directStore({ timeoutMs: 50 });
    for (let round = 0; round < 5; round += 1) {
      const loading = store.load(id);
      const busyUntil = performance.now() + 80;
      while (performance.now() < busyUntil);
      await expect(loading).resolves.toEqual(record);
    }
  });

  test('a value of others that breaks the client’s parser costs one call, not those after it', async () => {
    const store = site.directStore({ timeoutMs: 3_000 });
    const { id: other, record } = await created(store);
    const id = newId();
    const value = 'stet1 00000000 record\r\nEND\r\nrest';
    await site.tell(`set sess:${id} 0 60 ${value.length}\r\n${value}\r\n`);
    await expect(store.load(id)).rejects.toMatchObject({ code: 'STORE_CORRUPT_RECORD' });
    await expect(store.load(other)).resolves.toEqual(record);
  });

  test('a reply that is cut short, after any of its bytes, is never part of the answer to another call', async () => {
    const store = site.store({ timeoutMs: 3_000 });
    const { id, record } = await created(store, { data: '"of one visitor"' });
    const { id: other, record: others } = await created(store, { data: '"of another"' });
    site.proxy.forget();
    await store.load(id);
    const length = site.proxy.exchanges[0]?.reply.length ?? 0;
    expect(length).toBeGreaterThan(100);
    for (let at = 0; at < length; at += 1) {
      await site.proxy.set({ cutReplyAfter: at });
      const loading = Promise.all([store.load(id), store.load(other), store.load(id)]);
      await expect(loading, `cut after ${at} bytes`).resolves.toEqual([record, others, record]);
      await expect(store.load(other), `after a cut after ${at} bytes`).resolves.toEqual(others);
    }
  });
});
