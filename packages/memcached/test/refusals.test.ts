import { setTimeout as sleep } from 'node:timers/promises';
import Memcached from 'memcached';
import { describe, expect, onTestFinished, test } from 'vitest';
import { clientSettings, MemcachedStore } from '../src/index.ts';
import { clientNames } from './site/clients.ts';
import { type OneServer, startOneServer } from './site/one-server.ts';
import { created, draftOf, loaded, newId } from './site/samples.ts';

const refused = { code: 'STORE_UNAVAILABLE', cause: { message: expect.stringContaining('SERVER_ERROR') } };

describe.each(clientNames)('through %s', (clientName) => {
  async function serverWith(...args: readonly string[]): Promise<OneServer> {
    const site = await startOneServer(clientName, args);
    onTestFinished(() => site.stop());
    return site;
  }

  test('a value that the server refuses is its writer’s problem: other sessions go on at once', async () => {
    const site = await serverWith('-I', '512k');
    const store = site.store({ timeoutMs: 2_000 });
    const { id } = await created(store);
    const { id: other, record } = await created(store);
    const base = await loaded(store, id);
    const tooLarge = draftOf({ data: 'x'.repeat(600_000) });

    const unknown = newId();
    await expect(store.create(unknown, tooLarge)).rejects.toMatchObject(refused);
    const others = Promise.all([store.load(other), created(store), store.touch(other, Date.now() + 7_200_000)]);
    await expect(others).resolves.toMatchObject([record, {}, true]);
    expect(await store.load(unknown)).toBeNull();

    await expect(store.update(id, base, tooLarge)).rejects.toMatchObject(refused);
    expect((await loaded(store, other)).revision).toBe(record.revision);
    await expect(store.update(id, { ...base }, tooLarge)).rejects.toMatchObject(refused);
    expect(await store.update(other, await loaded(store, other), draftOf())).toMatchObject({ status: 'updated' });
  });

  test('a server that is full and may not evict refuses new sessions, and keeps every one that it has', async () => {
    const site = await serverWith('-M', '-m', '2');
    const store = site.store();
    const kept: string[] = [];
    const fill = async (): Promise<void> => {
      for (;;) {
        const id = newId();
        await store.create(id, draftOf({ data: 'x'.repeat(100_000) }));
        kept.push(id);
      }
    };
    await expect(fill()).rejects.toMatchObject(refused);
    expect(kept.length).toBeGreaterThan(0);
    for (const id of kept) expect(await store.load(id)).not.toBeNull();
  });

  test('a server without cas is refused at first use', async () => {
    const site = await serverWith('-C');
    await expect(site.store().create(newId(), draftOf())).rejects.toMatchObject({ code: 'STORE_UNSUPPORTED' });
    const id = newId();
    await site.tell(`set sess:${id} 0 60 1\r\nx\r\n`);
    await expect(site.store().load(id)).rejects.toMatchObject({ code: 'STORE_UNSUPPORTED' });
  });

  test('a connection that the server has closed meanwhile costs no call', async () => {
    const site = await serverWith('-o', 'idle_timeout=1');
    const store = site.directStore();
    const { id, record } = await created(store);
    const deadline = Date.now() + 20_000;
    let closed = 0;
    while (closed === 0 && Date.now() < deadline) {
      await sleep(250);
      closed = await site.count('idle_kicks');
    }
    expect(closed).toBeGreaterThan(0);
    expect(await store.load(id)).toEqual(record);
  });
});

test('more calls at once than a client of memcached may open connections all succeed', async () => {
  const site = await startOneServer('memcached');
  onTestFinished(() => site.stop());
  const client = new Memcached(site.server.address, { ...clientSettings, poolSize: 2 });
  onTestFinished(() => client.end());
  const store = new MemcachedStore({ client });
  const ids = Array.from({ length: 300 }, newId);
  const creating = Promise.all(ids.map((id) => store.create(id, draftOf())));
  await expect(creating).resolves.not.toContain(null);
});
