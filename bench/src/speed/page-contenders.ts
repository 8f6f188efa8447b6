import { StetStore } from '@stet/compat/express-session';
import { MemoryStore, type SessionStore, Sessions } from '@stet/core';
import { sessionMiddleware } from '@stet/http/express';
import { KnexStore } from '@stet/knex';
import { fromNodeRedis, RedisStore } from '@stet/redis';
import { TieredStore } from '@stet/tiered';
import { RedisStore as ConnectRedis } from 'connect-redis';
import type { Request, RequestHandler } from 'express';
import session from 'express-session';
import knexOf from 'knex';
import { createClient } from 'redis';
import { openPgStore } from './connect-pg-simple.ts';

/** Sessions of Express. */
export interface PageContender {
  readonly name: string;
  readonly middleware: RequestHandler;
  data(request: Request): Record<string, unknown>;
}

/**
 * The first is the peer that the others are compared with. All of Redis share one connection, all of PostgreSQL ten.
 */
export interface PageContenders {
  readonly contenders: readonly PageContender[];
  close(): Promise<unknown>;
}

const cookie = { secure: false } as const;

function expressSession(name: string, store: session.Store): PageContender {
  return {
    name: `express-session, ${name}`,
    middleware: session({ store, secret: 'bench', resave: false, saveUninitialized: false, cookie }),
    data: (request) => request.session as unknown as Record<string, unknown>,
  };
}

function stet(name: string, store: SessionStore): PageContender {
  return {
    name: `@stet/http, ${name}`,
    middleware: sessionMiddleware(new Sessions({ store }), { cookie }) as RequestHandler,
    data: (request) => request.session.data as unknown as Record<string, unknown>,
  };
}

export async function pageContenders(redisUrl: string, postgresUrl: string): Promise<PageContenders> {
  const client = await createClient({ url: redisUrl }).connect();
  const pgSimple = await openPgStore(postgresUrl);
  const knex = knexOf({ client: 'pg', connection: postgresUrl, pool: { min: 0, max: 10 } });
  const redis = (prefix: string): RedisStore => new RedisStore({ client: fromNodeRedis(client), prefix });
  const back = new KnexStore({ knex, table: 'stet_pages' });
  await back.createTable();
  return {
    contenders: [
      expressSession('connect-redis', new ConnectRedis({ client })),
      expressSession('StetStore over RedisStore', new StetStore({ store: redis('compat:') })),
      stet('RedisStore', redis('stet:')),
      expressSession('connect-pg-simple', pgSimple.store),
      stet('KnexStore on PostgreSQL', back),
      stet('TieredStore, Redis over PostgreSQL', new TieredStore({ front: redis('front:'), back })),
      stet('TieredStore, memory over PostgreSQL', new TieredStore({ front: new MemoryStore(), back })),
    ],
    close: async () => {
      client.destroy();
      await Promise.all([pgSimple.close(), knex.destroy()]);
    },
  };
}
