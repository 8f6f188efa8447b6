/**
 * How fast MemcachedStore is beside the bare clients that it goes through: `node bench/src/memcached.ts`. With `--other
 * <index.ts>` another version of the store has its turns in the same run, such as that of another checkout.
 */
import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { SessionRecord, SessionStore } from '@stet/core';
import { clientSettings, fromMemcache, MemcachedStore } from '@stet/memcached';
import { startMemcached } from '@stet/services';
import { Memcache } from 'memcache';
import Memcached from 'memcached';
import { compare, type Turn } from './speed/compare.ts';
import { contents } from './speed/contents.ts';
import { atOnce } from './speed/rate.ts';
import { printTable } from './speed/table.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    'slice-ms': { type: 'string', default: '150' },
    other: { type: 'string' },
  },
});
const pace = { rounds: Number(values.rounds), sliceMs: Number(values['slice-ms']) };

const sessions = 512;
const data = JSON.stringify(contents());
const ids = Array.from({ length: sessions }, () => randomBytes(32).toString('hex'));
const lifetime = 3_600;

/** What a contender does with one session: reads it, and changes what it has read. */
interface Contender<R> {
  readonly name: string;
  fill(id: string): Promise<unknown>;
  read(id: string): Promise<R>;
  write(id: string, found: R): Promise<boolean>;
}

/** The rate of reads and the rate of writes, each alone: a write needs a read before it, whose time does not count. */
async function turnsOf<R>({ fill, read, write }: Contender<R>): Promise<{ load: Turn; update: Turn }> {
  await inLanes((index) => fill(ids[index] as string));
  const found: R[] = [];
  const readAll = (): Promise<void> =>
    inLanes(async (index) => {
      found[index] = await read(ids[index] as string);
    });
  const writeAll = (): Promise<void> =>
    inLanes(async (index) => assert(await write(ids[index] as string, found[index] as R), 'a change is stored'));
  return { load: rateOf(readAll), update: rateOf(writeAll, readAll) };
}

/** Per second of this process on the processor, so that what else runs on the machine does not count. */
function rateOf(work: () => Promise<void>, before: () => Promise<void> = async () => {}): Turn {
  return async (sliceMs) => {
    let rounds = 0;
    let spentMs = 0;
    while (spentMs < sliceMs) {
      await before();
      const startedAt = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(startedAt);
      spentMs += (user + system) / 1_000;
      rounds += 1;
    }
    return (rounds * sessions * 1_000) / spentMs;
  };
}

/** Goes through all sessions, some at once. */
async function inLanes(work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < sessions) {
        const index = next;
        next += 1;
        await work(index);
      }
    }),
  );
}

function answer<T>(call: (done: (error: unknown, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value)));
  });
}

/** The client doing the least that compares and sets. */
function bareMemcached(client: Memcached): Contender<{ cas: string }> {
  return {
    name: 'memcached 2.2',
    fill: (id) => answer((done) => client.set(`bare:${id}`, data, lifetime, done)),
    read: (id) => answer((done) => client.gets(`bare:${id}`, done as never)),
    write: (id, { cas }) => answer((done) => client.cas(`bare:${id}`, data, cas, lifetime, done)),
  };
}

/** This client reads no unique, so it gets and sets, and compares nothing. */
function bareMemcache(client: Memcache): Contender<unknown> {
  return {
    name: 'memcache 1.10',
    fill: (id) => client.set(`bare:${id}`, data, lifetime),
    read: (id) => client.get(`bare:${id}`),
    write: (id) => client.set(`bare:${id}`, data, lifetime),
  };
}

function stet(name: string, store: SessionStore): Contender<SessionRecord> {
  const draft = () => ({ data, expiresAt: Date.now() + lifetime * 1_000 });
  return {
    name,
    fill: (id) => store.create(id, draft()),
    async read(id) {
      const record = await store.load(id);
      assert(record, 'a session is there');
      return record;
    },
    write: async (id, found) => (await store.update(id, found, draft())).status === 'updated',
  };
}

type Stores = {
  readonly MemcachedStore: new (options: object) => SessionStore;
  readonly fromMemcache?: (client: Memcache) => object;
};

const other: Stores | undefined = values.other && (await import(pathToFileURL(values.other).href));
const server = await startMemcached();
const memcached = new Memcached(server.address, clientSettings);
const memcache = new Memcache({ nodes: [server.address] });
try {
  const groups: Contender<never>[][] = [
    [
      bareMemcached(memcached),
      stet('stet', new MemcachedStore({ client: memcached })),
      ...(other ? [stet('stet, the other', new other.MemcachedStore({ client: memcached, prefix: 'other:' }))] : []),
    ],
    [
      bareMemcache(memcache),
      stet('stet', new MemcachedStore({ client: fromMemcache(memcache), prefix: 'memcache:' })),
      ...(other?.fromMemcache
        ? [
            stet(
              'stet, the other',
              new other.MemcachedStore({ client: other.fromMemcache(memcache), prefix: 'others:' }),
            ),
          ]
        : []),
    ],
  ] as Contender<never>[][];
  for (const contenders of groups) {
    const turns = [];
    for (const contender of contenders) turns.push(await turnsOf(contender));
    const load = await compare(
      pace,
      turns.map((turn) => turn.load),
    );
    const update = await compare(
      pace,
      turns.map((turn) => turn.update),
    );
    printTable(
      ['client', 'load', 'update'],
      contenders.map(({ name }, row) => [name, String(load[row]), String(update[row])]),
    );
  }
} finally {
  memcached.end();
  await memcache.disconnect();
  await server.stop();
}
