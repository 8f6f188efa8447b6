import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { generateToken, idOf, Sessions } from '@stet/core';
import { type RedisServer, startRedis } from '@stet/services';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RedisStore } from '../src/index.ts';
import { connection } from './target.ts';

const processes = 4;
const keys = Array.from({ length: 50 }, (_, n) => `key ${n}`);

let server: RedisServer;
let client: Redis;

beforeAll(async () => {
  server = await startRedis();
  client = new Redis(server.port, connection);
});
afterAll(async () => {
  client.disconnect();
  await server.stop();
});

it(`requests of one session in ${processes} processes at once lose nothing: 50 of 50 keys, and an exact count`, async () => {
  const token = generateToken();
  const store = new RedisStore({ client });
  await store.create(idOf(token), { data: '{"visits":0}', expiresAt: Date.now() + 600_000 });
  const worker = fileURLToPath(new URL('sessions-worker.ts', import.meta.url));
  const workers = Array.from({ length: processes }, () =>
    fork(worker, [String(server.port), token], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  );
  await Promise.all(workers.map((child) => once(child, 'message')));
  const ended = workers.map((child, at) =>
    run(
      child,
      keys.filter((_, n) => n % processes === at),
    ),
  );
  expect(await Promise.all(ended)).toEqual(workers.map(() => 0));

  const session = await new Sessions<Record<string, unknown>>({ store }).open(token);
  expect(Object.keys(session.data).toSorted()).toEqual([...keys, 'visits'].toSorted());
  expect(session.data.visits).toBe(keys.length);
});

async function run(child: ChildProcess, share: readonly string[]): Promise<unknown> {
  const exited = once(child, 'exit');
  child.send(share);
  const [code] = await exited;
  return code;
}
