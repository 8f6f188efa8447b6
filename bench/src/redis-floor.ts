/**
 * What RedisStore costs above the least that its driver can do: `load` beside a bare `GET`, and `update` beside an
 * `EVALSHA` of the smallest compare-and-set that there is. Both over ioredis, with auto-pipelining and without, on a
 * server of its own. Rates depend on what else the machine does; the processor time of a call, here and in the server,
 * hardly does.
 */
import { parseArgs } from 'node:util';
import { idOf, type SessionRecord } from '@stet/core';
import { RedisStore } from '@stet/redis';
import { startRedis } from '@stet/services';
import { Redis } from 'ioredis';
import type { Pace } from './speed/compare.ts';
import { ratePerSecond } from './speed/rate.ts';
import { printTable } from './speed/table.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, 'slice-ms': { type: 'string', default: '150' } },
});
const pace: Pace = { rounds: Number(values.rounds), sliceMs: Number(values['slice-ms']) };

const ids: readonly string[] = Array.from({ length: 512 }, (_, n) => idOf(`session ${n}`));
const expiresAt = Date.now() + 86_400_000;
const dataOf = (n: number): string => JSON.stringify({ n, cart: 'x'.repeat(1_000) });

/** Replaces a value that begins with this revision, of 16 digits, and keeps it for a day. */
const leastCompareAndSet = `
if redis.call('GETRANGE', KEYS[1], 0, 15) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', 86400000)
return 1
`;
const revision = (n: number): string => String(n).padStart(16, '0');

interface Cost {
  /** Calls per second, in each round. */
  readonly rates: number[];
  /** Processor time of this process for one call, in microseconds, in each round. */
  readonly clientUs: number[];
  /** Time that the server took for one command, in microseconds. */
  serverUs: number;
}

type Call = (index: number) => Promise<unknown>;

/** Lets so many calls be under way at any time, each on the next session. Two calls are never on one session. */
async function take(call: Call, atOnce: number, cost: Cost): Promise<void> {
  let [next, done] = [0, 0];
  const lane = async (): Promise<void> => {
    const index = next;
    next = (next + 1) % ids.length;
    await call(index);
    done += 1;
  };
  const before = process.cpuUsage();
  const lanes = Array.from({ length: atOnce }, () => lane);
  cost.rates.push(await ratePerSecond(pace.sliceMs, lanes));
  const { user, system } = process.cpuUsage(before);
  cost.clientUs.push((user + system) / done);
}

/** Has the bare call and that of the store take turns, and says what each costs. */
async function compare(
  client: Redis,
  command: string,
  atOnce: number,
  calls: readonly [Call, Call],
): Promise<string[]> {
  const costs = calls.map((): Cost => ({ rates: [], clientUs: [], serverUs: Number.NaN }));
  for (const call of calls) await take(call, atOnce, { rates: [], clientUs: [], serverUs: 0 });
  for (let round = 0; round < pace.rounds; round += 1) {
    for (const [at, call] of calls.entries()) {
      await client.config('RESETSTAT');
      await take(call, atOnce, costs[at] as Cost);
      (costs[at] as Cost).serverUs = await serverUs(client, command);
    }
  }
  const [bare, own] = costs as [Cost, Cost];
  const ratios = own.rates.map((rate, round) => rate / Number(bare.rates[round]));
  const us = ({ clientUs, serverUs }: Cost): string => `${median(clientUs).toFixed(1)} + ${serverUs.toFixed(1)}`;
  return [median(ratios).toFixed(2), us(bare), us(own)];
}

async function serverUs(client: Redis, command: string): Promise<number> {
  const stats = await client.info('commandstats');
  return Number(new RegExp(`cmdstat_${command}:.*usec_per_call=([\\d.]+)`).exec(stats)?.[1]);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] as number;
}

async function rowsOf(client: Redis, pipelining: string): Promise<string[][]> {
  const store = new RedisStore({ client, prefix: `${pipelining}:` });
  const sha = String(await client.script('LOAD', leastCompareAndSet));
  const records: SessionRecord[] = [];
  const revisions = ids.map(() => 1);
  for (const [n, id] of ids.entries()) {
    await client.set(`raw:${id}`, revision(1) + dataOf(n));
    const record = await store.create(id, { data: dataOf(n), expiresAt });
    if (!record) throw new Error('The id of a new session is taken.');
    records.push(record);
  }
  const bareLoad: Call = (n) => client.call('GET', `raw:${ids[n]}`);
  const load: Call = (n) => store.load(String(ids[n]));
  const bareUpdate: Call = async (n) => {
    const base = Number(revisions[n]);
    revisions[n] = base + 1;
    const value = revision(base + 1) + dataOf(base);
    const done = await client.call('EVALSHA', sha, '1', `raw:${ids[n]}`, revision(base), value);
    if (done !== 1) throw new Error('The bare compare-and-set lost.');
  };
  const update: Call = async (n) => {
    const base = records[n] as SessionRecord;
    const result = await store.update(String(ids[n]), base, { data: dataOf(base.revision), expiresAt });
    if (result.status !== 'updated') throw new Error(`The update is ${result.status}.`);
    records[n] = result.record;
  };
  const rows: string[][] = [];
  for (const atOnce of [1, 32, 256]) {
    rows.push(['load', pipelining, String(atOnce), ...(await compare(client, 'get', atOnce, [bareLoad, load]))]);
    rows.push([
      'update',
      pipelining,
      String(atOnce),
      ...(await compare(client, 'evalsha', atOnce, [bareUpdate, update])),
    ]);
  }
  return rows;
}

const server = await startRedis();
const settings = { maxRetriesPerRequest: 0 };
const plain = new Redis(server.url, settings);
const pipelining = new Redis(server.url, { ...settings, enableAutoPipelining: true });
try {
  const rows = [...(await rowsOf(plain, 'off')), ...(await rowsOf(pipelining, 'on'))];
  printTable(['call', 'auto-pipelining', 'at once', 'rate to bare', 'bare µs, client + server', 'store µs'], rows);
} finally {
  for (const client of [plain, pipelining]) client.disconnect();
  await server.stop();
}
