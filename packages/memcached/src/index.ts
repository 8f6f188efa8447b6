export type { CommandClient, Item } from './client/command-client.ts';
export { fromMemcache } from './client/memcache/from-memcache.ts';
export type { MemcacheClient, MemcacheNode } from './client/memcache/memcache-client.ts';
export { type ClientSettings, clientSettings } from './client/memcached/client-settings.ts';
export type { Callback, MemcachedClient } from './client/memcached/memcached-client.ts';
export { MemcachedStore } from './memcached-store.ts';
export type { MemcachedStoreOptions } from './memcached-store-options.ts';
