export { type ClientSettings, clientSettings } from './client-settings.ts';
export type { Callback, MemcachedClient } from './memcached-client.ts';
export { MemcachedStore } from './memcached-store.ts';
export type { MemcachedStoreOptions } from './memcached-store-options.ts';
