import { MemoryStore } from '@stet/core';
import { RedisStore as ConnectRedis } from 'connect-redis';
import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { StetStore } from '../src/fastify-session.ts';
import { connectRedis } from '../src/from.ts';
import { openFastifySite } from './support/fastify-site.ts';
import { nodeRedis } from './support/stores.ts';

function routes(app: FastifyInstance): void {
  app.get<{ Params: { key: string } }>('/add/:key', async ({ session, params }) => {
    session[params.key] = true;
    return {};
  });
  app.get('/show', async ({ session }) => ({ ...session }));
  app.get('/logout', async ({ session }) => {
    await session.destroy();
    return {};
  });
}

test('sessions that @fastify/session has with connect-redis move in as those of express-session do', async () => {
  const client = await nodeRedis();
  const cookie = { maxAge: 3_600_000 };
  const before = await openFastifySite(new ConnectRedis({ client }) as never, routes, { cookie });
  const [ada, bob] = [before.visitor(), before.visitor()];
  await ada.get('/add/ada');
  await bob.get('/add/bob');

  const store = new StetStore({ store: new MemoryStore(), from: connectRedis({ client }) });
  const { origin } = await openFastifySite(store, routes, { cookie });
  await Promise.all(['one', 'two', 'three'].map((key) => ada.twin(origin).get(`/add/${key}`)));
  expect(await ada.twin(origin).json('/show')).toMatchObject({ ada: true, one: true, two: true, three: true });
  await bob.twin(origin).get('/logout');
  expect(await bob.twin(origin).json('/show')).not.toHaveProperty('bob');
  expect(await client.keys('*')).toEqual([]);
});
