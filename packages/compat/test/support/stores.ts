import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IterableStore, MemoryStore } from '@stet/core';
import { FileStore } from '@stet/file';
import { configureSqlite, KnexStore } from '@stet/knex';
import { RedisStore } from '@stet/redis';
import { type RedisServer, startRedis } from '@stet/services';
import { TieredStore } from '@stet/tiered';
import { Redis } from 'ioredis';
import knex from 'knex';
import { createClient, type RedisClientType } from 'redis';
import { afterAll, onTestFinished } from 'vitest';

let server: Promise<RedisServer> | undefined;

afterAll(async () => (await server)?.stop());

/** The Redis server of the test file, from its first use to its end. */
export function redisServer(): Promise<RedisServer> {
  server ??= startRedis();
  return server;
}

/** A client as most applications have one, until the end of the test. */
export async function nodeRedis(): Promise<RedisClientType> {
  const client = createClient({ url: (await redisServer()).url });
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

/** A folder that is gone after the test. */
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'stet-compat-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function fileStore(): Promise<FileStore> {
  return new FileStore({ directory: await folder(), durability: 'process-crash' });
}

async function sqliteStore(): Promise<KnexStore> {
  const database = knex({
    client: 'better-sqlite3',
    connection: { filename: join(await folder(), 'sessions.sqlite') },
    pool: { afterCreate: configureSqlite },
    useNullAsDefault: true,
  });
  onTestFinished(() => database.destroy());
  const store = new KnexStore({ knex: database });
  await store.createTable();
  return store;
}

/** Stores of one namespace share their sessions. */
export async function redisStore(namespace: string = randomUUID()): Promise<RedisStore> {
  const client = new Redis((await redisServer()).url, { enableAutoPipelining: true, maxRetriesPerRequest: 0 });
  onTestFinished(() => client.disconnect());
  return new RedisStore({ client, prefix: `${namespace}:` });
}

/** Stores of every kind; what they keep is gone after the test. */
export const stores: ReadonlyArray<readonly [name: string, open: () => Promise<IterableStore>]> = [
  ['MemoryStore', async () => new MemoryStore()],
  ['FileStore', fileStore],
  ['KnexStore on SQLite', sqliteStore],
  ['RedisStore', () => redisStore()],
  ['TieredStore', async () => new TieredStore({ front: await redisStore(), back: await sqliteStore() })],
];
