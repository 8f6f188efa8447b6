import { MemoryStore, type SessionStore, Sessions, StoreError } from '@stet/core';
import { expect, it } from 'vitest';

const saves = 20;

/** A store whose writes come to nothing until they are let go; `asked` settles when so many have been asked for. */
function stalledStore(store: MemoryStore, count: number) {
  const asked = Promise.withResolvers<void>();
  const timeout = Promise.withResolvers<never>();
  timeout.promise.catch(() => {});
  let writes = 0;
  const stalled = new Proxy(store as SessionStore, {
    get(target, name) {
      const member = Reflect.get(target, name, target);
      if (name !== 'update') return typeof member === 'function' ? member.bind(target) : member;
      return () => {
        writes += 1;
        if (writes === count) asked.resolve();
        return timeout.promise;
      };
    },
  });
  const failure = new StoreError('STORE_AMBIGUOUS', 'The store did not confirm the write in time.');
  return { stalled, asked: asked.promise, timeOut: () => timeout.reject(failure), writes: () => writes };
}

async function storedIn(store: MemoryStore) {
  const session = await new Sessions({ store }).open();
  session.data.n = 0;
  await session.save();
  return session.token;
}

it('overlapping saves of one session are all asked for before the first is answered: they time out together', async () => {
  const store = new MemoryStore();
  const token = await storedIn(store);
  const { stalled, asked, timeOut } = stalledStore(store, saves);
  const sessions = new Sessions({ store: stalled });
  const requests = await Promise.all(Array.from({ length: saves }, () => sessions.open(token)));
  const outcomes = Promise.allSettled(
    requests.map((session, index) => {
      session.data[`key${index}`] = index;
      return session.save();
    }),
  );
  await asked;
  timeOut();
  for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'STORE_AMBIGUOUS' } });
});

it('saves of one copy of a session fail with the first one, instead of waiting for the store each in turn', async () => {
  const store = new MemoryStore();
  const token = await storedIn(store);
  const { stalled, asked, timeOut, writes } = stalledStore(store, 1);
  const session = await new Sessions({ store: stalled }).open(token);
  const outcomes = Promise.allSettled(
    Array.from({ length: saves }, (_, index) => {
      session.data[`key${index}`] = index;
      return session.save();
    }),
  );
  await asked;
  timeOut();
  const [first, ...others] = await outcomes;
  expect(first).toMatchObject({ reason: { code: 'STORE_AMBIGUOUS' } });
  for (const outcome of others) expect(outcome).toMatchObject({ reason: { code: 'STORE_UNAVAILABLE', status: 503 } });
  expect(writes()).toBe(1);
});
