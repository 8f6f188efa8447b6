import { createRequire } from 'node:module';
import { join } from 'node:path';
import { StetStore } from '@stet/compat/express-session';
import { MemoryStore, type SessionStore } from '@stet/core';
import { FileStore } from '@stet/file';
import { KnexStore } from '@stet/knex';
import { fromNodeRedis, RedisStore } from '@stet/redis';
import { RedisStore as ConnectRedis } from 'connect-redis';
import { ConnectSessionKnexStore } from 'connect-session-knex';
import session, { type Store } from 'express-session';
import { Redis } from 'ioredis';
import knexOf from 'knex';
import { createClient } from 'redis';
import { openPgStore } from './connect-pg-simple.ts';

/** A store of express-session. */
interface StoreContender {
  readonly name: string;
  /** What survives once a save is acknowledged. */
  readonly durable: string;
  readonly store: Store;
}

/** Stores that keep sessions in the same place; the first is the peer that the others are compared with. */
export interface StoreGroup {
  readonly contenders: readonly StoreContender[];
  close(): Promise<unknown>;
}

/** Each touch is stored, as the peers store it: with its default a stet store has nothing to do most of the time. */
const over = (store: SessionStore): Store => new StetStore({ store, touchAfterMs: 0 });

export async function redisStores(url: string): Promise<StoreGroup> {
  const durable = 'as Redis is set; here nothing';
  const client = await createClient({ url }).connect();
  const ioredis = new Redis(url, { enableAutoPipelining: true, maxRetriesPerRequest: 0 });
  const stet = (name: string, store: RedisStore): StoreContender => ({ name, durable, store: over(store) });
  return {
    contenders: [
      { name: 'connect-redis (node-redis)', durable, store: new ConnectRedis({ client }) },
      stet('stet, RedisStore (node-redis)', new RedisStore({ client: fromNodeRedis(client), prefix: 'node-redis:' })),
      stet('stet, RedisStore (ioredis)', new RedisStore({ client: ioredis, prefix: 'ioredis:' })),
    ],
    close: async () => {
      ioredis.disconnect();
      client.destroy();
    },
  };
}

export async function postgresStores(url: string): Promise<StoreGroup> {
  const durable = 'a commit that is synced';
  const pgSimple = await openPgStore(url);
  const knex = knexOf({ client: 'pg', connection: url, pool: { min: 0, max: 10 } });
  const stet = new KnexStore({ knex, table: 'stet_sessions' });
  await stet.createTable();
  const knexStore = new ConnectSessionKnexStore({ knex, tableName: 'knex_sessions', cleanupInterval: 0 });
  await knexStore.ready;
  return {
    contenders: [
      { name: 'connect-pg-simple', durable, store: pgSimple.store },
      { name: 'connect-session-knex', durable, store: knexStore },
      { name: 'stet, KnexStore', durable, store: over(stet) },
    ],
    close: () => Promise.all([pgSimple.close(), knex.destroy()]),
  };
}

export function fileStores(folder: string): StoreGroup {
  const SessionFileStore = createRequire(import.meta.url)('session-file-store')(session);
  const stet = (durability: 'power-loss' | 'process-crash'): Store =>
    over(new FileStore({ directory: join(folder, durability), durability }));
  return {
    contenders: [
      {
        name: 'session-file-store',
        durable: 'content synced, its new name not',
        store: new SessionFileStore({ path: join(folder, 'session-file-store'), reapInterval: -1, logFn: () => {} }),
      },
      { name: "stet, FileStore, 'power-loss'", durable: 'content and name synced', store: stet('power-loss') },
      { name: "stet, FileStore, 'process-crash'", durable: 'not synced', store: stet('process-crash') },
    ],
    close: async () => {},
  };
}

export function memoryStores(): StoreGroup {
  const durable = 'nothing';
  return {
    contenders: [
      { name: "express-session's MemoryStore", durable, store: new session.MemoryStore() },
      { name: 'stet, MemoryStore', durable, store: over(new MemoryStore()) },
    ],
    close: async () => {},
  };
}
