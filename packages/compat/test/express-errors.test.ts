import { MemoryStore, StoreError } from '@stet/core';
import { interceptedStore } from '@stet/visitors';
import type { SessionData } from 'express-session';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { StetStore } from '../src/express-session.ts';
import { answered } from './support/callback.ts';
import { openSite } from './support/site.ts';

const data = { cookie: { originalMaxAge: 60_000 }, n: 1 } as unknown as SessionData;

/** Every method, as the host calls it. */
const methods: ReadonlyArray<
  readonly [name: string, call: (store: StetStore, done: (error: unknown) => void) => void]
> = [
  ['get', (store, done) => store.get('s', done)],
  ['set', (store, done) => store.set('s', { ...data }, done)],
  ['touch', (store, done) => store.touch('s', { ...data }, done)],
  ['destroy', (store, done) => store.destroy('s', done)],
  ['all', (store, done) => store.all(done)],
  ['ids', (store, done) => store.ids(done)],
  ['length', (store, done) => store.length(done)],
  ['clear', (store, done) => store.clear(done)],
];

/** A store for express-session over one that fails with what `failure` gives, as long as it gives anything. */
function failing(failure: () => unknown) {
  const store = interceptedStore(new MemoryStore(), async () => {
    const error = failure();
    if (error !== 'none') throw error;
  });
  return new StetStore({ store });
}

/** What the process would have died of, and how. */
function uncaught(): Array<readonly [event: string, error: unknown]> {
  const errors: Array<readonly [string, unknown]> = [];
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  for (const event of events) {
    const others = process.listeners(event as 'uncaughtException');
    process.removeAllListeners(event);
    process.on(event, (error: unknown) => errors.push([event, error]));
    onTestFinished(() => {
      process.removeAllListeners(event);
      for (const listener of others) process.on(event, listener as never);
    });
  }
  return errors;
}

/** After whatever the event loop has under way now. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe.each(methods)('%s', (_, call) => {
  test('answers with the error of the store, once, later', async () => {
    const outage = new StoreError('STORE_UNAVAILABLE', 'No.');
    await expect(
      answered((done) =>
        call(
          failing(() => outage),
          done,
        ),
      ),
    ).rejects.toBe(outage);
  });

  test('answers when the store takes its time', async () => {
    const store = interceptedStore(new MemoryStore(), () => new Promise((resolve) => setTimeout(resolve, 5)));
    await answered((done) => call(new StetStore({ store }), done));
  });

  test.each([
    ['has the code ENOENT', Object.assign(new Error('no such file'), { code: 'ENOENT' }), 'no such file'],
    ['is undefined', undefined, undefined],
    ['is text', 'no', 'no'],
  ])('an error that %s is never “no such session”', async (_, cause, said) => {
    const error = await answered((done) =>
      call(
        failing(() => cause),
        done,
      ),
    ).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect((error as { cause?: Error }).cause?.message).toBe(said);
  });

  test.each([
    ['an answer', 'none'],
    ['a failure', new StoreError('STORE_UNAVAILABLE', 'No.')],
  ])('a callback that throws upon %s is not called again, and its error is its own', async (_, outcome) => {
    const errors = uncaught();
    const callback = vi.fn(() => {
      throw new Error('thrown by the callback');
    });
    call(
      failing(() => outcome),
      callback,
    );
    await vi.waitFor(() => expect(errors).toHaveLength(1));
    await settled();
    expect(callback).toHaveBeenCalledTimes(1);
    expect(errors).toEqual([['uncaughtException', new Error('thrown by the callback')]]);
  });
});

describe('without a callback', () => {
  const outage = new StoreError('STORE_UNAVAILABLE', 'No.');
  const calls: ReadonlyArray<readonly [name: string, call: (store: StetStore) => void]> = [
    ['set', (store) => store.set('s', { ...data })],
    ['touch', (store) => store.touch('s', { ...data })],
    ['destroy', (store) => store.destroy('s')],
    ['clear', (store) => store.clear()],
  ];

  test.each(calls)('an error of %s is emitted', async (_, call) => {
    const store = failing(() => outage);
    const emitted = new Promise((resolve) => store.on('error', resolve));
    call(store);
    expect(await emitted).toBe(outage);
  });

  test.each(calls)('an error of %s is a warning of the process where nobody listens', async (_, call) => {
    const errors = uncaught();
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    call(failing(() => outage));
    await vi.waitFor(() => expect(warn).toHaveBeenCalledWith(outage));
    await settled();
    expect(errors).toEqual([]);
  });

  test.each(calls)('%s that succeeds is quiet', async (_, call) => {
    const errors = uncaught();
    call(failing(() => 'none'));
    await settled();
    expect(errors).toEqual([]);
  });
});

describe('while the store is down', () => {
  test('every request is an error, none is served without its session, and the visitor keeps the cookie', async () => {
    let isDown = false;
    const store = failing(() => (isDown ? Object.assign(new Error('down'), { code: 'ENOENT' }) : 'none'));
    const site = await openSite(store, (app) => {
      app.get('/', (request, response) => {
        request.session.visits = ((request.session.visits as number) ?? 0) + 1;
        response.json(request.session.visits);
      });
    });
    const visitor = site.visitor();
    expect(await visitor.json('/')).toBe(1);
    const { cookie } = visitor;
    isDown = true;
    for (let request = 0; request < 3; request += 1) {
      expect(await visitor.get('/')).toMatchObject({ status: 500, text: 'STORE_UNAVAILABLE', setCookie: [] });
    }
    isDown = false;
    expect(await visitor.json('/')).toBe(2);
    expect(visitor.cookie).toBe(cookie);
  });

  test('a save that fails is told to the request that waits for it, and to the error handler where none does', async () => {
    let isDown = false;
    const outage = new StoreError('STORE_UNAVAILABLE', 'No.');
    const store = failing(() => (isDown ? outage : 'none'));
    const site = await openSite(store, (app) => {
      app.use((request, _response, next) => {
        isDown = true;
        request.session.n = 1;
        next();
      });
      app.get('/waits', (request, response, next) => {
        request.session.save((error) => (error ? next(error) : response.send('saved')));
      });
      app.get('/trusts', (_request, response) => void response.send('done'));
    });
    expect(await site.visitor().text('/waits')).toBe('STORE_UNAVAILABLE');
    isDown = false;
    await site.visitor().get('/trusts');
    await vi.waitFor(() => expect(site.errors.at(-1)).toBe(outage));
  });
});
