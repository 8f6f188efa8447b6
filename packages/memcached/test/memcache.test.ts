import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMemcached } from '@stet/services';
import { BroadcastHash, createNode, Memcache } from 'memcache';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fromMemcache, type MemcacheClient, type MemcachedClient, MemcachedStore } from '../src/index.ts';
import { startOneServer } from './site/one-server.ts';
import { created, draftOf, newId } from './site/samples.ts';

const nodes = ['127.0.0.1:1'];
const sasl = { username: 'user', password: 'password' };

describe('fromMemcache', () => {
  test('takes a client of the defaults, of several servers, and one that was given nodes', () => {
    for (const options of [
      { nodes },
      { nodes: ['127.0.0.1:1', '127.0.0.1:2'] },
      { nodes: [createNode('127.0.0.1', 1)] },
    ]) {
      expect(() => new MemcachedStore({ client: fromMemcache(new Memcache(options)) })).not.toThrow();
    }
  });

  test.each([
    ['BroadcastHash', { nodes: ['127.0.0.1:1', '127.0.0.1:2'], hash: new BroadcastHash() }],
    ['sasl', { nodes, sasl }],
    ['sasl', { nodes: [createNode('127.0.0.1', 1, { sasl })] }],
    ['autoDiscover', { nodes, autoDiscover: { enabled: true } }],
  ])('refuses a client that has %s, and the message says why', (name, options) => {
    expect(() => fromMemcache(new Memcache(options))).toThrow(TypeError);
    expect(() => fromMemcache(new Memcache(options))).toThrow(name);
  });

  test.each([undefined, null, {}, { nodes: [] }, { nodes: [{}], hash: {} }])('refuses %j', (client) => {
    expect(() => fromMemcache(client as unknown as MemcacheClient)).toThrow(TypeError);
  });

  test('is needed: the store refuses the client itself, and the message says so', () => {
    const client = new Memcache({ nodes }) as unknown as MemcachedClient;
    expect(() => new MemcachedStore({ client })).toThrow(TypeError);
    expect(() => new MemcachedStore({ client })).toThrow('fromMemcache');
  });
});

test('calls at once on a new client wait for one connection', async () => {
  const site = await startOneServer('memcache');
  onTestFinished(() => site.stop());
  const store = site.store();
  const creating = Promise.all(Array.from({ length: 300 }, () => store.create(newId(), draftOf())));
  await expect(creating).resolves.not.toContain(null);
  // One, and one for each question about it.
  const before = await site.count('total_connections');
  expect(before - (await startingConnections())).toBeLessThanOrEqual(2);
});

/** How many connections a server has had when it is first asked. */
async function startingConnections(): Promise<number> {
  const site = await startOneServer('memcache');
  onTestFinished(() => site.stop());
  return site.count('total_connections');
}

test('a client that the application disconnects is connected again by the next call', async () => {
  const server = await startMemcached();
  onTestFinished(() => server.stop());
  const client = new Memcache({ nodes: [server.address] });
  onTestFinished(() => client.disconnect());
  const store = new MemcachedStore({ client: fromMemcache(client) });
  const { id, record } = await created(store);
  await client.disconnect();
  expect(await store.load(id)).toEqual(record);
  const loading = store.load(id);
  await client.disconnect();
  await loading.catch(() => {});
  expect(await store.load(id)).toEqual(record);
});

test('a connection that the application has opened, and that was closed this moment, costs no call', async () => {
  const server = await startMemcached();
  onTestFinished(() => server.stop());
  const client = new Memcache({ nodes: [server.address] });
  onTestFinished(() => client.disconnect());
  const store = new MemcachedStore({ client: fromMemcache(client) });
  await client.connect();
  client.nodes[0]?.socket?.destroy();
  const id = newId();
  const creating = store.create(id, draftOf());
  await expect(creating).resolves.not.toBeNull();
  await client.disconnect();
  await client.connect();
  await client.disconnect();
  await expect(store.load(id)).resolves.toEqual(await creating);
});

test('TLS', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stet-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const making = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, ...subject];
  execFileSync('openssl', making, { stdio: 'pipe' });
  // The server gives up its rights first, where the tests run as root.
  for (const path of [folder, key, certificate]) chmodSync(path, 0o755);
  const server = await startMemcached({ args: ['-Z', '-o', `ssl_chain_cert=${certificate},ssl_key=${key}`] });
  onTestFinished(() => server.stop());

  const client = new Memcache({ nodes: [server.address], tls: { ca: readFileSync(certificate) } });
  onTestFinished(() => client.disconnect());
  const store = new MemcachedStore({ client: fromMemcache(client) });
  const { id, record } = await created(store, { data: `"${'x'.repeat(100_000)}"` });
  expect(await store.load(id)).toEqual(record);
  expect(await store.update(id, record, draftOf())).toMatchObject({ status: 'updated' });
  expect(await store.delete(id)).toBe(true);

  const distrustful = new Memcache({ nodes: [server.address], tls: true });
  onTestFinished(() => distrustful.disconnect());
  const unknown = new MemcachedStore({ client: fromMemcache(distrustful) });
  await expect(unknown.load(id)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});
