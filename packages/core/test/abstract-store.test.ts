import { stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  AbstractStore,
  type AbstractStoreOptions,
  type Deadline,
  type IdAndRecord,
  isStoreError,
  MemoryStore,
  type SessionRecord,
  StoreError,
  type UpdateResult,
} from '../src/index.ts';

const id = 'a'.repeat(64);
const draft = { data: '{}', expiresAt: Date.now() + 60_000 };
const record = { ...draft, revision: 7, createdAt: 1 };
const never = new Promise<never>(() => {});

/** A store whose backend is whatever a test says. */
class Scripted extends AbstractStore {
  answer: (deadline: Deadline) => unknown = () => null;
  pages: (deadline: Deadline) => AsyncIterable<IdAndRecord[]> = async function* () {};
  closed = 0;
  constructor(options: Partial<AbstractStoreOptions> = {}) {
    super({ durable: true, shared: false, maxDataBytes: 1_000, ...options });
  }
  protected override _load(_: string, deadline: Deadline): Promise<SessionRecord | null> {
    return this.answer(deadline) as Promise<SessionRecord | null>;
  }
  protected override _create(_: string, __: SessionRecord, deadline: Deadline): Promise<boolean> {
    return this.answer(deadline) as Promise<boolean>;
  }
  protected override _update(_: string, __: unknown, ___: unknown, deadline: Deadline): Promise<UpdateResult> {
    return this.answer(deadline) as Promise<UpdateResult>;
  }
  protected override _touch(_: string, __: number, deadline: Deadline): Promise<boolean> {
    return this.answer(deadline) as Promise<boolean>;
  }
  protected override _delete(_: string, deadline: Deadline): Promise<boolean> {
    return this.answer(deadline) as Promise<boolean>;
  }
  protected override _entries(deadline: Deadline): AsyncIterable<IdAndRecord[]> {
    return this.pages(deadline);
  }
  protected override _close(): void {
    this.closed += 1;
  }
}

function scripted(answer: Scripted['answer'], options?: Partial<AbstractStoreOptions>): Scripted {
  return Object.assign(new Scripted(options), { answer });
}

describe('the deadline', () => {
  it('makes a read STORE_TIMEOUT and a write STORE_AMBIGUOUS, whatever the driver does', async () => {
    const store = scripted(() => never, { timeoutMs: 20 });
    const outcomes = await Promise.allSettled([
      store.load(id),
      store.create(id, draft),
      store.update(id, record, draft),
      store.touch(id, 1),
      store.delete(id),
    ]);
    const codes = outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code);
    expect(codes).toEqual(['STORE_TIMEOUT', ...Array(4).fill('STORE_AMBIGUOUS')]);
  });

  it('tells the store, so that nothing is sent late', async () => {
    let late: unknown;
    let told: (() => void) | undefined;
    const isTold = new Promise<void>((resolve) => (told = resolve));
    const store = scripted(
      async (deadline) => {
        deadline.assertAhead();
        await isTold;
        try {
          deadline.assertAhead();
        } catch (error) {
          late = error;
        }
      },
      { timeoutMs: 20 },
    );
    await expect(store.delete(id)).rejects.toMatchObject({ code: 'STORE_AMBIGUOUS' });
    told?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(late).toMatchObject({ code: 'STORE_AMBIGUOUS' });
  });

  it('gives the error that a store has put in its place', async () => {
    const unsent = new StoreError('STORE_UNAVAILABLE', 'Nothing was sent.');
    const store = scripted(
      (deadline) => {
        deadline.explain = () => unsent;
        return never;
      },
      { timeoutMs: 20 },
    );
    await expect(store.delete(id)).rejects.toBe(unsent);
  });

  it('counts an answer that has arrived while this process was busy', async () => {
    const store = scripted(() => stat(import.meta.filename).then(() => record), { timeoutMs: 30 });
    // Timers come next, and only then what the file system has answered.
    await new Promise((resolve) => setImmediate(resolve));
    const loading = store.load(id);
    for (const endsAt = performance.now() + 60; performance.now() < endsAt; );
    await expect(loading).resolves.toEqual(record);
  });

  it('counts such an answer also for a call that begins while the timer of the one before is about to look', async () => {
    const store = scripted(() => stat(import.meta.filename).then(() => record), { timeoutMs: 30 });
    for (let round = 0; round < 5; round += 1) {
      const loading = store.load(id);
      for (const endsAt = performance.now() + 60; performance.now() < endsAt; );
      await expect(loading, `round ${round}`).resolves.toEqual(record);
    }
  });

  it('holds for calls that begin one after the other, each for itself', async () => {
    const store = scripted(() => never, { timeoutMs: 40 });
    const startedAt = performance.now();
    const first = store.load(id).catch(() => performance.now());
    await new Promise((resolve) => setTimeout(resolve, 20));
    const second = store.load(id).catch(() => performance.now());
    expect(Number(await first) - startedAt).toBeGreaterThanOrEqual(39);
    expect(Number(await second) - startedAt).toBeGreaterThanOrEqual(59);
  });

  it('keeps a process alive while a call is under way, and not afterwards', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    let answer: ((value: null) => void) | undefined;
    const store = scripted(() => new Promise((resolve) => (answer = resolve)), { timeoutMs: 1_000_000 });
    const before = timers();
    for (let turn = 0; turn < 3; turn += 1) {
      const loading = store.load(id);
      expect(timers()).toBe(before + 1);
      answer?.(null);
      await loading;
      expect(timers()).toBe(before);
    }
  });

  it('holds for each page of a listing, and leaving does not wait for one that hangs', async () => {
    const store = new Scripted({ timeoutMs: 30 });
    let released = false;
    store.pages = async function* () {
      try {
        for (let page = 0; page < 3; page += 1) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          yield [[id, record] as const];
        }
        await never;
      } finally {
        released = true;
      }
    };
    const seen: unknown[] = [];
    const listing = (async () => {
      for await (const [each] of store.entries()) seen.push(each);
    })();
    await expect(listing).rejects.toMatchObject({ code: 'STORE_TIMEOUT' });
    expect(seen).toEqual([id, id, id]);
    for await (const _ of store.entries()) break;
    expect(released).toBe(true);
  });
});

describe('a call', () => {
  it('rejects and never throws, also where the arguments or the store are wrong', async () => {
    const store = scripted(() => {
      throw new StoreError('STORE_UNAVAILABLE', 'No.');
    });
    await expect(store.load(id)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(store.load('no id')).rejects.toBeInstanceOf(TypeError);
    await expect(store.update(id, {} as SessionRecord, draft)).rejects.toBeInstanceOf(TypeError);
    await expect(store.update(id, { ...record, revision: 0 }, draft)).rejects.toBeInstanceOf(TypeError);
    await expect(store.replaceIf(id, 'token', record)).rejects.toMatchObject({ code: 'STORE_UNSUPPORTED' });
    await expect(store.deleteExpired()).rejects.toMatchObject({ code: 'STORE_UNSUPPORTED' });
  });

  it('says what the driver said, claims no more than is known, and leaves a mistake of the program as it is', async () => {
    const store = scripted(() => Promise.reject(new Error('socket hang up')));
    await expect(store.load(id)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    await expect(store.delete(id)).rejects.toMatchObject({ code: 'STORE_AMBIGUOUS', retryable: false });
    await expect(store.delete(id)).rejects.toMatchObject({ cause: { message: 'socket hang up' } });
    store.answer = () => (undefined as unknown as Scripted).answer;
    await expect(store.load(id)).rejects.toBeInstanceOf(TypeError);
    await expect(store.load(id)).rejects.not.toSatisfy(isStoreError);
  });

  it('gives frozen records, and none that has expired', async () => {
    const store = scripted(async () => ({ ...record }));
    expect(Object.isFrozen(await store.load(id))).toBe(true);
    store.answer = async () => ({ ...record, expiresAt: Date.now() - 1 });
    expect(await store.load(id)).toBeNull();
  });

  it('is refused once the store is closed, which it is once', async () => {
    const store = new Scripted();
    await Promise.all([store.close(), store.close()]);
    await expect(store.load(id)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await expect(store.entries().next()).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    expect(store.closed).toBe(1);
  });

  it('reads each part of what the caller gave once', async () => {
    const reads: string[] = [];
    const watched = <T extends object>(target: T): T =>
      new Proxy(target, {
        get(of, part) {
          reads.push(String(part));
          return Reflect.get(of, part);
        },
      });
    const store = new MemoryStore();
    await store.create(id, watched({ ...draft, subject: 'user-7', createdAt: 1 }));
    expect(reads.sort()).toEqual(['createdAt', 'data', 'expiresAt', 'subject']);
  });
});

describe('the clock', () => {
  it('may have fractions, which are cut off', async () => {
    const store = new MemoryStore({ now: () => 1_000.75 });
    expect(await store.create(id, { data: '{}', expiresAt: 2_000 })).toMatchObject({ createdAt: 1_000 });
    expect(await store.load(id)).toMatchObject({ createdAt: 1_000 });
  });

  it('has to give an instant', async () => {
    await expect(new MemoryStore({ now: () => Number.NaN }).create(id, draft)).rejects.toBeInstanceOf(TypeError);
  });
});

describe('a base', () => {
  it('from before a delete never matches a record that was created later under the same id', async () => {
    const store = new MemoryStore();
    for (let turn = 0; turn < 100; turn += 1) {
      const before = await store.create(id, draft);
      await store.delete(id);
      const after = await store.create(id, draft);
      const update = await store.update(id, before as SessionRecord, { ...draft, data: '"from before"' });
      expect(update).toEqual({ status: 'conflict', current: after });
      await store.delete(id);
    }
  });
});
