import Memcached from 'memcached';
import { expect, test } from 'vitest';
import { clientSettings, type MemcachedClient, MemcachedStore } from '../src/index.ts';

/** Connects nowhere: a client opens connections when it is first used. */
function clientWith(settings: object = {}): Memcached {
  return new Memcached('127.0.0.1:1', { ...clientSettings, ...settings });
}

test('a client with the settings of this package is taken, up to its own limits', () => {
  expect(() => new MemcachedStore({ client: clientWith() })).not.toThrow();
  expect(new MemcachedStore({ client: clientWith() }).capabilities).toEqual({
    durable: false,
    shared: true,
    iterable: false,
    sweepable: false,
    bySubject: false,
    leasable: true,
    expiryGranularityMs: 1,
    maxDataBytes: 1_000_000,
  });
});

test.each([
  ['retries', { retries: 5 }],
  ['retry', { retry: 30_000 }],
  ['failures', { failures: 5 }],
  ['failures', { failures: Number.POSITIVE_INFINITY }],
  ['remove', { remove: true }],
  ['failOverServers', { failOverServers: ['127.0.0.1:2'] }],
  ['redundancy', { redundancy: 1 }],
  ['namespace', { namespace: 'app:' }],
  ['maxValue', { maxValue: 1_000_000 }],
])('a client whose %s breaks a promise is refused, and the message says how to make one', (name, settings) => {
  expect(() => new MemcachedStore({ client: clientWith(settings) })).toThrow(TypeError);
  expect(() => new MemcachedStore({ client: clientWith(settings) })).toThrow(new RegExp(`${name}.*clientSettings`));
});

test('a client of the defaults, and what is no client, are refused', () => {
  expect(() => new MemcachedStore({ client: new Memcached('127.0.0.1:1') })).toThrow(TypeError);
  for (const client of [undefined, null, {}, { gets() {} }]) {
    expect(() => new MemcachedStore({ client: client as unknown as MemcachedClient })).toThrow(TypeError);
  }
});

test('a smaller maxDataBytes goes with a smaller maxValue', () => {
  const client = clientWith({ maxValue: 500_000 });
  expect(() => new MemcachedStore({ client, maxDataBytes: 400_000 })).not.toThrow();
});

test.each(['timeoutMs', 'maxDataBytes', 'leaseMs'])('%s is a whole number above 0', (name) => {
  for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5']) {
    expect(() => new MemcachedStore({ client: clientWith(), [name]: value })).toThrow(TypeError);
  }
});
