import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientNames } from './site/clients.ts';
import { type OneServer, startOneServer } from './site/one-server.ts';
import { created, draftOf, loaded, newId } from './site/samples.ts';

describe.each(clientNames)('through %s', (clientName) => {
  let site: OneServer;
  beforeAll(async () => {
    site = await startOneServer(clientName);
  });
  afterAll(() => site.stop());

  test.each([
    ['right after it was loaded', async (found: object) => found],
    ['from a copy', async (found: object) => ({ ...found })],
  ])('an update over what cannot be read, %s, is STORE_CORRUPT_RECORD and leaves it', async (_, baseOf) => {
    const store = site.store();
    const { id } = await created(store);
    const record = await loaded(store, id);
    await site.tell(`set sess:${id} 0 60 5\r\nspoil\r\n`);
    const base = (await baseOf(record)) as typeof record;
    await expect(store.update(id, base, draftOf())).rejects.toMatchObject({ code: 'STORE_CORRUPT_RECORD' });
    expect(await site.tell(`get sess:${id}\r\n`)).toContain('\r\nspoil\r\n');
  });

  test('a clock with fractions makes records and leases that can be read', async () => {
    const store = site.store({ now: () => Date.now() + 0.625 });
    const { id, record } = await created(store);
    expect(await loaded(site.directStore(), id)).toEqual(record);
    expect(Number.isInteger(record.createdAt)).toBe(true);
    const missing = newId();
    const lease = await store.loadOrLease(missing);
    if (lease.status !== 'leased') expect.unreachable();
    expect(await site.directStore().loadOrLease(missing)).toEqual({ status: 'busy' });
    expect(await store.replaceIf(missing, lease.token, record)).toEqual(expect.any(String));
    const hit = await store.loadOrLease(missing);
    if (hit.status !== 'hit') expect.unreachable();
    expect(Number.isInteger(hit.storedAt)).toBe(true);
    expect(await store.delete(missing)).toBe(true);
  });

  test('what others have put under a key is a corrupt record, and goes when it is deleted', async () => {
    const store = site.store();
    for (const [value, flags] of [
      ['text', 0],
      ['7', 8],
      ['bytes', 4],
      ['{"json":true}', 2],
      ['', 0],
    ] as const) {
      const id = newId();
      await site.tell(`set sess:${id} ${flags} 60 ${value.length}\r\n${value}\r\n`);
      await expect(store.load(id)).rejects.toMatchObject({ code: 'STORE_CORRUPT_RECORD' });
      expect(await store.delete(id)).toBe(true);
      expect(await store.load(id)).toBeNull();
    }
  });
});
