import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MemcachedStore } from '../src/index.ts';
import { clientNames } from './site/clients.ts';
import { type OneServer, startOneServer } from './site/one-server.ts';
import { created, draftOf, loaded, newId } from './site/samples.ts';

const timeoutMs = 1_500;

describe.each(clientNames)('through %s', (clientName) => {
  let site: OneServer;
  /** The store whose command is late, and one of another process. */
  let store: MemcachedStore;
  let others: MemcachedStore;

  beforeAll(async () => {
    site = await startOneServer(clientName);
    store = site.store({ timeoutMs });
    others = site.directStore();
    // Both have written before, and are connected.
    await Promise.all([created(store), created(others)]);
  });
  afterAll(() => site.stop());

  /** Resolves once a command that matches is on its way, and late. */
  async function isLate(command: RegExp): Promise<void> {
    const hasComeBy = (): boolean => site.proxy.exchanges.some(({ request }) => command.test(String(request)));
    while (!hasComeBy()) await new Promise(setImmediate);
  }

  /** Lets what is late arrive, and resolves once the server has executed it. */
  async function arrival(): Promise<void> {
    // Of all that stores, whether or not it stored.
    const before = await site.count('cmd_set');
    await site.proxy.set('none');
    while ((await site.count('cmd_set')) === before);
  }

  test('a late add of a lease does not revive the lease that a logout has cancelled', async () => {
    const { record } = await created(others);
    const id = newId();
    await site.proxy.set({ late: /^add / });
    const lease = await store.loadOrLease(id);
    if (lease.status !== 'leased') expect.unreachable();
    await others.delete(id);
    await site.tell(`delete sess:${id}\r\n`);
    await arrival();
    expect(await store.replaceIf(id, lease.token, record)).toBeNull();
    expect(await others.load(id)).toBeNull();
  });

  test('a create whose add is late does not say that it created, so that no logout comes before it', async () => {
    const id = newId();
    await others.loadOrLease(id);
    await site.proxy.set({ late: /^add / });
    await expect(store.create(id, draftOf())).rejects.toMatchObject({ code: 'STORE_AMBIGUOUS', retryable: false });
    await arrival();
  });

  test('a late add does not bring back a session that was created and ended meanwhile', async () => {
    const id = newId();
    await site.proxy.set({ late: /^add / });
    await expect(store.create(id, draftOf())).rejects.toMatchObject({ code: 'STORE_AMBIGUOUS' });
    await others.create(id, draftOf());
    expect(await others.delete(id)).toBe(true);
    await arrival();
    expect(await others.load(id)).toBeNull();
  });

  test('of two deletes of which one is late, exactly one resolves to true', async () => {
    const { id } = await created(store);
    site.proxy.forget();
    await site.proxy.set({ late: /^(cas|delete) / });
    const late = store.delete(id);
    late.catch(() => {});
    await isLate(/^(cas|delete) /);
    expect(await others.delete(id)).toBe(true);
    await expect(late).rejects.toMatchObject({ code: 'STORE_AMBIGUOUS' });
    await site.proxy.set('none');
  });

  test('of two deletes of which one gets no answer, that one still learns that it was the one', async () => {
    const { id } = await created(store);
    await site.proxy.set({ cutReplyAfter: 0, to: /^(cas|delete) / });
    await expect(store.delete(id)).resolves.toBe(true);
    expect(await others.delete(id)).toBe(false);
  });

  test('a late delete leaves alone what was created under the id since', async () => {
    const { id } = await created(store);
    site.proxy.forget();
    await site.proxy.set({ late: /^(cas|delete) / });
    const late = store.delete(id).catch(() => {});
    await isLate(/^(cas|delete) /);
    await others.delete(id);
    await late;
    const record = await others.create(id, draftOf({ data: '"new"' }));
    await arrival();
    expect(await loaded(others, id)).toEqual(record);
  });
});
