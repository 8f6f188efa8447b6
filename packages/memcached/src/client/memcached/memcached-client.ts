/** How the client answers. It may never do so, or more than once. */
export type Callback<T> = (error: unknown, value: T) => void;

/** What the store uses of a client of the npm package `memcached`. */
export interface MemcachedClient {
  /** Answers with the value under its key beside its `cas`; `undefined` for a miss, `false` for `SERVER_ERROR`. */
  gets(key: string, callback: Callback<unknown>): void;
  add(key: string, value: string, lifetime: number, callback: Callback<boolean>): void;
  cas(key: string, value: string, unique: string, lifetime: number, callback: Callback<boolean>): void;
  del(key: string, callback: Callback<boolean>): void;
}
