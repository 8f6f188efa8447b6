import type { FaultProxy } from '@stet/services';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MemcachedStore } from '../src/index.ts';
import { type Client, clientNames, clients } from './site/clients.ts';
import { created } from './site/samples.ts';
import { startTwoServers, type TwoServers } from './site/two-servers.ts';

describe.each(clientNames)('through %s', (clientName) => {
  let nodes: TwoServers;
  let opened: Client;
  let store: MemcachedStore;
  let placed: ReadonlyArray<{ readonly id: string; readonly node: number }>;

  beforeAll(async () => {
    nodes = await startTwoServers();
    opened = clients[clientName](nodes.addresses);
    store = new MemcachedStore({ client: opened.client, timeoutMs: 500 });
    const all = [];
    for (let count = 0; count < 20; count += 1) {
      for (const proxy of nodes.proxies) proxy.forget();
      const { id } = await created(store);
      all.push({ id, node: nodes.proxies.findIndex(({ exchanges }) => exchanges.length > 0) });
    }
    placed = all;
  });
  afterAll(async () => {
    opened.end();
    await nodes.stop();
  });

  const on = (node: number): string[] => placed.filter((each) => each.node === node).map(({ id }) => id);

  test('sessions are spread over both nodes', () => {
    expect(on(0).length).toBeGreaterThan(0);
    expect(on(1).length).toBeGreaterThan(0);
  });

  test('while one node stalls or is away, the sessions of the other go on, and its own are looked for nowhere else', async () => {
    const [broken] = nodes.proxies as [FaultProxy, FaultProxy];
    for (const [fault, code] of [
      ['stall', 'STORE_TIMEOUT'],
      ['refuse', 'STORE_UNAVAILABLE'],
    ] as const) {
      await broken.set(fault);
      const [theirs, ours] = await Promise.all([
        Promise.allSettled(on(0).map((id) => store.load(id))),
        Promise.all(on(1).map((id) => store.load(id))),
      ]);
      await broken.set('none');
      expect(ours.every((record) => record !== null)).toBe(true);
      for (const outcome of theirs) expect(outcome).toMatchObject({ status: 'rejected', reason: { code } });
    }
  });

  test('once it is back it has its sessions still', async () => {
    for (const id of on(0)) expect(await store.load(id)).not.toBeNull();
  });
});
