import { generateToken, idOf, MemoryStore, type SessionStore, Sessions } from '@stet/core';
import { describe, expect, it } from 'vitest';

interface Data {
  cart?: string[];
  reminder?: string;
  n?: number;
}

async function shop(...subjects: Array<string | undefined>) {
  const store = new MemoryStore();
  const sessions = new Sessions<Data>({ store });
  const visitors = await Promise.all(
    subjects.map(async (subject) => {
      const session = await sessions.open();
      session.subject = subject;
      session.data.cart = ['pen'];
      await session.save();
      return session;
    }),
  );
  return { store, sessions, visitors };
}

describe('a job', () => {
  it('runs again on the fresh session where a save came first, and gives its result', async () => {
    const { sessions, visitors } = await shop(undefined);
    const [visitor] = visitors;
    if (!visitor) return expect.fail('there is a visitor');
    let runs = 0;
    const seen = await sessions.transact(visitor.id, async (session) => {
      runs += 1;
      if (runs === 1) {
        visitor.data.cart = ['pen', 'ink'];
        await visitor.save();
      }
      session.data.reminder = `${session.data.cart?.length} items`;
      return session.data.cart;
    });
    expect(runs).toBe(2);
    expect(seen).toEqual(['pen', 'ink']);
    expect({ ...(await sessions.open(visitor.token)).data }).toEqual({ cart: ['pen', 'ink'], reminder: '2 items' });
  });

  it('saves nothing where it throws', async () => {
    const { sessions, visitors } = await shop(undefined);
    const id = visitors[0]?.id ?? '';
    const fails = sessions.transact(id, (session) => {
      session.data.reminder = 'sent';
      throw new Error('the mail server is down');
    });
    await expect(fails).rejects.toThrow('the mail server is down');
    expect((await sessions.open(visitors[0]?.token)).data.reminder).toBeUndefined();
  });

  it('never creates a session', async () => {
    const { sessions, store } = await shop();
    const id = idOf(generateToken());
    await expect(sessions.transact(id, (session) => (session.data.n = 1))).rejects.toMatchObject({
      code: 'SESSION_GONE',
    });
    await expect(sessions.transact('nobody', () => {})).rejects.toThrow(TypeError);
    expect(await store.load(id)).toBeNull();
  });

  it('cannot hand out tokens', async () => {
    const { sessions, visitors } = await shop(undefined);
    await expect(sessions.transact(visitors[0]?.id ?? '', (session) => session.regenerate())).rejects.toMatchObject({
      code: 'SESSION_STATE',
    });
    expect((await sessions.open(visitors[0]?.token)).isNew).toBe(false);
  });
});

describe('listing', () => {
  it('gives every session once, without its token, and leaves out markers and what cannot be read', async () => {
    const { sessions, store, visitors } = await shop('ann', 'ann', 'bob', undefined);
    await visitors[0]?.regenerate({ graceMs: 10_000 });
    const broken = await store.load(visitors[3]?.id ?? '');
    if (!broken) return expect.fail('it is stored');
    await store.update(visitors[3]?.id ?? '', broken, { ...broken, data: 'not JSON' });
    const listed = await Array.fromAsync(sessions.entries());
    expect(listed.map(({ id }) => id).toSorted()).toEqual(
      visitors
        .slice(0, 3)
        .map(({ id }) => id)
        .toSorted(),
    );
    expect(listed.every(({ token }) => token === null)).toBe(true);
    expect((await sessions.bySubject('ann')).map(({ id }) => id).toSorted()).toEqual(
      [visitors[0]?.id, visitors[1]?.id].toSorted(),
    );
  });
});

describe('revoking', () => {
  it('ends one session, also one that cannot be read any more', async () => {
    const { sessions, store, visitors } = await shop('ann', 'ann');
    const [left, right] = visitors;
    if (!left || !right) return expect.fail('there are two');
    expect(await sessions.revoke(left.id)).toBe(true);
    expect(await sessions.revoke(left.id)).toBe(false);
    const record = await store.load(right.id);
    if (!record) return expect.fail('it is stored');
    await store.update(right.id, record, { ...record, data: 'not JSON' });
    expect(await sessions.revoke(right.id)).toBe(true);
    expect(await store.load(right.id)).toBeNull();
  });

  it('ends all sessions of a subject but one, and nobody else’s', async () => {
    const { sessions, visitors } = await shop('ann', 'ann', 'ann', 'bob');
    const [here] = visitors;
    if (!here) return expect.fail('there is one');
    expect(await sessions.revokeSubject('ann', { except: here })).toBe(2);
    const live = await Promise.all(visitors.map(async ({ token }) => !(await sessions.open(token)).isNew));
    expect(live).toEqual([true, false, false, true]);
    here.data.n = 1;
    await here.save();
  });

  it('is refused by name where the store cannot find by subject', async () => {
    const { store } = await shop();
    const capabilities = { ...store.capabilities, bySubject: false, iterable: false, sweepable: false };
    const lesser = new Sessions({ store: Object.assign(Object.create(store), { capabilities }) as SessionStore });
    await expect(lesser.revokeSubject('ann')).rejects.toMatchObject({ code: 'STORE_UNSUPPORTED' });
    await expect(lesser.bySubject('ann')).rejects.toMatchObject({ code: 'STORE_UNSUPPORTED' });
    await expect(lesser.entries().next()).rejects.toMatchObject({ code: 'STORE_UNSUPPORTED' });
    expect(await lesser.sweep()).toBe(0);
  });
});

describe('sweeping', () => {
  it('removes what has expired and tells how much', async () => {
    const clock = { now: 1_000 };
    const store = new MemoryStore({ now: () => clock.now });
    const sessions = new Sessions<Data>({ store, now: () => clock.now, idleTimeoutMs: 1_000 });
    for (let count = 0; count < 3; count += 1) {
      const session = await sessions.open();
      session.data.n = count;
      await session.save();
    }
    expect(await sessions.sweep()).toBe(0);
    clock.now += 1_000;
    expect(await sessions.sweep({ limit: 2 })).toBe(2);
    expect(await sessions.sweep()).toBe(1);
  });
});
