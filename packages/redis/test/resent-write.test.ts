import { generateToken, idOf, type SessionRecord } from '@stet/core';
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from '@stet/services';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisStore } from '../src/index.ts';
import { operations, prepare } from './operations.ts';
import { connection } from './target.ts';

const draft = { data: 'mine', expiresAt: Date.UTC(2100, 0) };
const theirs = { ...draft, data: 'theirs' };

let server: RedisServer;
let proxy: FaultProxy;
let proxied: Redis;
let direct: Redis;
let store: RedisStore;
let others: RedisStore;

beforeAll(async () => {
  server = await startRedis();
  proxy = await startFaultProxy(server.port);
  proxied = new Redis(proxy.port, connection).on('error', () => {});
  direct = new Redis(server.port, connection);
  store = new RedisStore({ client: proxied });
  others = new RedisStore({ client: direct });
  // The server knows the scripts from here on.
  for (const operation of operations) await operation.run(others, await prepare(others));
});
afterAll(async () => {
  for (const client of [proxied, direct]) client.disconnect();
  await proxy.close();
  await server.stop();
});

const newId = (): string => idOf(generateToken());

interface Sent<T> {
  /** What the call ends with, or its error. */
  readonly ended: Promise<T | { code: string }>;
}

/** Sends a call, loses its reply, lets others do something once it was done, and has it sent again. */
async function sentAgain<T>(
  call: () => Promise<T>,
  isDone: () => Promise<boolean>,
  meanwhile: () => Promise<unknown>,
): Promise<Sent<T>> {
  await store.load(newId());
  await proxy.set('stall replies');
  const ended = call().catch((error: { code: string }) => error);
  while (!(await isDone())) await new Promise(setImmediate);
  await meanwhile();
  await proxy.set('refuse');
  await proxy.set('none');
  return { ended: ended as Promise<T | { code: string }> };
}

const isThere = async (id: string): Promise<boolean> => (await others.load(id)) !== null;

describe('a create that was done and is sent again', () => {
  const create = (id: string, meanwhile: () => Promise<unknown>): Promise<Sent<SessionRecord | null>> =>
    sentAgain(
      () => store.create(id, draft),
      () => isThere(id),
      meanwhile,
    );

  it('does not bring the session back after a logout', async () => {
    const id = newId();
    const { ended } = await create(id, () => others.delete(id));
    expect(await ended).toMatchObject({ data: 'mine' });
    expect(await others.load(id)).toBeNull();
  });

  it('does not after an update and a logout', async () => {
    const id = newId();
    const { ended } = await create(id, async () => {
      await others.update(id, (await others.load(id)) as SessionRecord, theirs);
      await others.delete(id);
    });
    expect(await ended).toMatchObject({ data: 'mine' });
    expect(await others.load(id)).toBeNull();
  });

  it('does not after a logout and a lease', async () => {
    const id = newId();
    const { ended } = await create(id, async () => {
      await others.delete(id);
      expect((await others.loadOrLease(id)).status).toBe('leased');
    });
    expect(await ended).toMatchObject({ data: 'mine' });
    expect(await others.load(id)).toBeNull();
  });

  it('is known again after an update, which stays', async () => {
    const id = newId();
    const { ended } = await create(id, async () => {
      await others.update(id, (await others.load(id)) as SessionRecord, theirs);
    });
    expect(await ended).toMatchObject({ data: 'mine' });
    expect(await others.load(id)).toMatchObject({ data: 'theirs' });
  });

  it('is ambiguous where the session was ended, made again by others, and ended again', async () => {
    const id = newId();
    const { ended } = await create(id, async () => {
      await others.delete(id);
      await others.create(id, theirs);
      await others.delete(id);
    });
    expect(await ended).toMatchObject({ code: 'STORE_AMBIGUOUS' });
    expect(await others.load(id)).toBeNull();
  });
});

it('a create that came second is told so, where its first sending was not done', async () => {
  const id = newId();
  await others.create(id, theirs);
  await store.load(newId());
  await proxy.set({ cutRequestAfter: 0 });
  // Nobody can tell whether its own session was there before theirs.
  await expect(store.create(id, draft)).rejects.toMatchObject({ code: 'STORE_AMBIGUOUS' });
  expect(await others.load(id)).toMatchObject({ data: 'theirs' });
});

describe('an update that was done and is sent again', () => {
  it('is told that it was done, and does not bring the session back after a logout', async () => {
    const { id, record } = await prepare(others);
    const { ended } = await sentAgain(
      () => store.update(id, record, draft),
      async () => (await others.load(id))?.data === 'mine',
      () => others.delete(id),
    );
    expect(await ended).toMatchObject({ status: 'updated' });
    expect(await others.load(id)).toBeNull();
  });

  it('is ambiguous after an update of others and a logout', async () => {
    const { id, record } = await prepare(others);
    const { ended } = await sentAgain(
      () => store.update(id, record, draft),
      async () => (await others.load(id))?.data === 'mine',
      async () => {
        await others.update(id, (await others.load(id)) as SessionRecord, theirs);
        await others.delete(id);
      },
    );
    expect(await ended).toMatchObject({ code: 'STORE_AMBIGUOUS' });
  });

  it('is ambiguous where the id was used again meanwhile', async () => {
    const { id, record } = await prepare(others);
    const { ended } = await sentAgain(
      () => store.update(id, record, draft),
      async () => (await others.load(id))?.data === 'mine',
      async () => {
        await others.delete(id);
        await others.create(id, theirs);
      },
    );
    expect(await ended).toMatchObject({ code: 'STORE_AMBIGUOUS' });
    expect(await others.load(id)).toMatchObject({ data: 'theirs' });
  });
});

it('a delete that was done and is sent again leaves alone what was created in between', async () => {
  const { id } = await prepare(others);
  const { ended } = await sentAgain(
    () => store.delete(id),
    async () => !(await isThere(id)),
    () => others.create(id, theirs),
  );
  expect(await ended).toBe(true);
  expect(await others.load(id)).toMatchObject({ data: 'theirs' });
});

describe('a copy that arrives late, when its second sending was answered long ago,', () => {
  /** Has the network keep back the first sending of a call. */
  async function late<T>(id: string, call: () => Promise<T>): Promise<T> {
    await store.load(newId());
    proxy.forget();
    await proxy.set({ late: new RegExp(`EVALSHA[^]*sess:${id}`, 'i'), cut: true });
    return call();
  }

  /** Lets the first sending arrive, and resolves once the server has answered it. */
  async function arrival(): Promise<void> {
    const [first] = proxy.exchanges;
    await proxy.set('none');
    while (first?.reply.length === 0) await new Promise(setImmediate);
  }

  it('of a lease revives no token that was cancelled', async () => {
    const id = newId();
    const lease = await late(id, () => store.loadOrLease(id));
    if (lease.status !== 'leased') throw new Error(`The lease is ${lease.status}.`);
    // A reader has read from the back; then the session ends, everywhere.
    await others.delete(id);
    await arrival();
    const stale = { ...draft, revision: 7, createdAt: 1 };
    expect(await store.replaceIf(id, lease.token, stale)).toBeNull();
    expect(await others.load(id)).toBeNull();
  });

  it('of a create does not bring the session back after a logout', async () => {
    const id = newId();
    expect(await late(id, () => store.create(id, draft))).toMatchObject({ data: 'mine' });
    expect(await others.delete(id)).toBe(true);
    await arrival();
    expect(await others.load(id)).toBeNull();
  });

  it('of a delete leaves alone what was created since', async () => {
    const { id } = await prepare(others);
    expect(await late(id, () => store.delete(id))).toBe(true);
    await others.create(id, theirs);
    await arrival();
    expect(await others.load(id)).toMatchObject({ data: 'theirs' });
  });

  it('of a fill finds its token dead', async () => {
    const { id, record, token } = await prepare(others);
    const filled = await late(id, () => store.replaceIf(id, token, { ...record, data: 'filled' }));
    expect(filled).toEqual(expect.any(String));
    await others.delete(id);
    await arrival();
    expect(await others.load(id)).toBeNull();
  });
});
