import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClientName, clientNames } from './site/clients.ts';
import { type OneServer, startOneServer } from './site/one-server.ts';
import { created, draftOf, loaded, newId } from './site/samples.ts';

const attack = '\r\nflush_all\r\n';
const hostileTexts = [
  attack,
  `\0${attack}`,
  `\\${attack}`,
  '\r',
  '\n\r',
  'END\r\n',
  '\r\nEND\r\n',
  '\r\nVALUE sess:x 0 1 1\r\nx\r\nEND\r\n',
  "$&$`$'$$",
  '\u2028\u2029\u0085',
  '😀\r\n😀',
];

/** The commands that read an item together with its unique. */
const reads: Record<ClientName, (key: string) => string> = {
  memcache: (key) => `mg ${key} c\r\nget ${key}\r\n`,
  memcached: (key) => `gets ${key}\r\n`,
};

describe.each(clientNames)('through %s', (clientName) => {
  let site: OneServer;
  const readOf = reads[clientName];
  beforeAll(async () => {
    site = await startOneServer(clientName);
  });
  afterAll(() => site.stop());

  test.each([
    ...['', ' ', 'a b', 'a\r\nb', 'a\0b', '$&', '$`', "$'", '$$', 'é', '*', '{a}', '[a]', 'a?', '"', 'x'.repeat(181)],
    ...[undefined, null, 7, {}].slice(1),
  ])('a prefix of %j is refused', (prefix) => {
    expect(() => site.store({ prefix: prefix as string })).toThrow(TypeError);
  });

  test.each(['x'.repeat(180), 'sess:', 'a/b.c-d_E:9'])(
    'a prefix of %j makes a key of its own length',
    async (prefix) => {
      const store = site.store({ prefix });
      const { id, record } = await created(store);
      site.proxy.forget();
      expect(await store.load(id)).toEqual(record);
      expect(String(site.proxy.exchanges[0]?.request)).toBe(readOf(`${prefix}${id}`));
    },
  );

  test('hostile ids reach no wire', async () => {
    const store = site.store();
    const { record } = await created(store);
    site.proxy.forget();
    for (const id of [
      '',
      attack,
      `${newId()}${attack}`,
      `${newId().slice(2)}$&`,
      newId().toUpperCase(),
      `${newId()} 0`,
    ]) {
      const calls = [
        () => store.load(id),
        () => store.create(id, draftOf()),
        () => store.update(id, record, draftOf()),
        () => store.touch(id, record.expiresAt + 1),
        () => store.delete(id),
        () => store.loadOrLease(id),
        () => store.replaceIf(id, 'token', record),
      ];
      for (const call of calls) await expect(call()).rejects.toThrow(TypeError);
    }
    expect(site.proxy.exchanges).toEqual([]);
  });

  test.each(['1\r\nflush_all', 1.5, -1, Number.NaN, 2 ** 53])(
    'a revision of %j is no part of a header',
    async (revision) => {
      const store = site.store();
      const { record } = await created(store);
      const id = newId();
      const lease = await store.loadOrLease(id);
      if (lease.status !== 'leased') expect.unreachable();
      site.proxy.forget();
      const hostile = { ...record, revision: revision as number };
      await expect(store.replaceIf(id, lease.token, hostile)).rejects.toThrow(TypeError);
      expect(site.proxy.exchanges).toEqual([]);
    },
  );

  test('hostile data and subjects come back as they were, each in one command and one value line', async () => {
    const store = site.store();
    const { id: witness } = await created(store);
    for (const text of hostileTexts) {
      const data = text.replaceAll('\0', '');
      const { id } = await created(store, { data, subject: data });
      const base = await loaded(store, id);
      expect(base).toMatchObject({ data, subject: data });
      site.proxy.forget();
      await store.update(id, base, { ...draftOf({ data: data + data }), subject: data });
      const lines = site.proxy.exchanges.map(({ request }) => request.toString().split('\r\n'));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toHaveLength(3);
      expect(lines[0]?.[0]).toMatch(/^cas sess:[0-9a-f]{64} 0 \d+ \d+ \d+$/);
      expect(Buffer.byteLength(String(lines[0]?.[1]))).toBe(Number(lines[0]?.[0]?.split(' ')[4]));
    }
    expect(await store.load(witness)).not.toBeNull();
  });

  test('a token of replaceIf is compared, not sent', async () => {
    const store = site.store();
    const { id, record } = await created(store);
    site.proxy.forget();
    expect(await store.replaceIf(id, attack, record)).toBeNull();
    expect(site.proxy.exchanges.map(({ request }) => String(request))).toEqual([readOf(`sess:${id}`)]);
  });
});
