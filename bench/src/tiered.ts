/** What a tiered store costs above its front: a load that the front has, beside the same load of the front alone. */
import { parseArgs } from 'node:util';
import { type FrontStore, idOf, MemoryStore, type SessionStore } from '@stet/core';
import { RedisStore } from '@stet/redis';
import { startRedis } from '@stet/services';
import { TieredStore } from '@stet/tiered';
import { Redis } from 'ioredis';
import { compare, type Pace, type Turn } from './speed/compare.ts';
import { ratePerSecond } from './speed/rate.ts';
import { printTable } from './speed/table.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, 'slice-ms': { type: 'string', default: '150' } },
});
const pace: Pace = { rounds: Number(values.rounds), sliceMs: Number(values['slice-ms']) };

const ids: readonly string[] = Array.from({ length: 512 }, (_, n) => idOf(`session ${n}`));
// Nothing is read from the back here, however long it takes.
const maxStalenessMs = 86_400_000;

function loadsOf(store: SessionStore, atOnce: number): Turn {
  let next = 0;
  const lane = async (): Promise<void> => {
    next = (next + 1) % ids.length;
    await store.load(ids[next] as string);
  };
  return (sliceMs) =>
    ratePerSecond(
      sliceMs,
      Array.from({ length: atOnce }, () => lane),
    );
}

async function rowOf(name: string, front: FrontStore, atOnce: number): Promise<string[]> {
  const back = new MemoryStore();
  const tiered = new TieredStore({ front, back, maxStalenessMs });
  for (const [n, id] of ids.entries()) {
    await tiered.create(id, {
      data: JSON.stringify({ n, cart: 'x'.repeat(1_000) }),
      expiresAt: Date.now() + 86_400_000,
    });
    await tiered.load(id);
  }
  return [name, String(atOnce), ...(await compare(pace, [loadsOf(front, atOnce), loadsOf(tiered, atOnce)]))];
}

const redis = await startRedis();
const client = new Redis(redis.url, { enableAutoPipelining: true, maxRetriesPerRequest: 0 });
try {
  const rows: string[][] = [];
  for (const atOnce of [1, 32, 256]) rows.push(await rowOf('Redis', new RedisStore({ client }), atOnce));
  rows.push(await rowOf('Memory', new MemoryStore(), 1));
  printTable(['front', 'loads at once', 'front alone', 'tiered, in the front'], rows);
} finally {
  client.disconnect();
  await redis.stop();
}
