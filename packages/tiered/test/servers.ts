import { KnexStore } from '@stet/knex';
import { RedisStore } from '@stet/redis';
import { startPostgres, startRedis } from '@stet/services';
import { Redis } from 'ioredis';
import knex, { type Knex } from 'knex';

/** A Redis server and a PostgreSQL server, with clients. */
export interface Servers {
  readonly client: Redis;
  readonly database: Knex;
  stop(): Promise<void>;
}

/** A second process inherits the environment, and so finds the servers of the first. */
export async function startServers(): Promise<Servers> {
  const { STET_TIERED_REDIS, STET_TIERED_POSTGRES } = process.env;
  const isOurs = STET_TIERED_REDIS === undefined || STET_TIERED_POSTGRES === undefined;
  const started = isOurs ? await Promise.all([startRedis(), startPostgres()]) : [];
  const [redisUrl, postgresUrl] = isOurs ? started.map(({ url }) => url) : [STET_TIERED_REDIS, STET_TIERED_POSTGRES];
  process.env.STET_TIERED_REDIS = redisUrl;
  process.env.STET_TIERED_POSTGRES = postgresUrl;
  const client = new Redis(String(redisUrl), { enableAutoPipelining: true });
  const database = knex({ client: 'pg', connection: String(postgresUrl), pool: { min: 0, max: 10 } });
  return {
    client,
    database,
    async stop() {
      client.disconnect();
      await database.destroy();
      await Promise.all(started.map((server) => server.stop()));
    },
  };
}

/** The two stores of a namespace on the servers. */
export async function storesOn(
  { client, database }: Servers,
  { namespace, ...settings }: { namespace: string; timeoutMs?: number; leaseMs?: number; maxDataBytes?: number },
): Promise<{ front: RedisStore; back: KnexStore }> {
  const { leaseMs, ...both } = settings;
  const front = new RedisStore({ client, prefix: `${namespace}:`, ...both, ...(leaseMs !== undefined && { leaseMs }) });
  const back = new KnexStore({ knex: database, table: namespace, ...both });
  await back.createTable();
  return { front, back };
}
