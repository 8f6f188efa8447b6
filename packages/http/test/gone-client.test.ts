import { type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { MemoryStore, Sessions, StoreError } from '@stet/core';
import { describe, expect, test } from 'vitest';
import { withSession } from '../src/node.ts';
import { Barrier, interceptedStore } from './support/intercepted-store.ts';
import { listening } from './support/listening.ts';

describe('a client that goes away', () => {
  test('before the save: it is made all the same, once', async () => {
    const closed = Promise.withResolvers<void>();
    const barrier = new Barrier();
    const memory = new MemoryStore();
    let saves = 0;
    const store = interceptedStore(memory, (operation) => {
      if (operation !== 'create') return;
      saves += 1;
      return barrier.pass();
    });
    const called = Promise.withResolvers<unknown>();
    const origin = await listening(
      withSession(new Sessions({ store }), {}, (_request, response, session) => {
        session.data.visited = true;
        response.on('close', closed.resolve);
        response.write('one', called.resolve);
        response.end('two');
      }),
    );
    const request = send(origin, { agent: false }).end();
    request.on('error', () => {});
    await barrier.reached;
    request.destroy();
    await closed.promise;
    barrier.open();
    await called.promise;
    expect(saves).toBe(1);
    const kept = await Array.fromAsync(new Sessions({ store: memory }).entries());
    expect(kept.map(({ data }) => data)).toEqual([{ visited: true }]);
  });

  test('before a save that fails: the failure is told, and nothing is thrown', async () => {
    const closed = Promise.withResolvers<void>();
    const barrier = new Barrier();
    const store = interceptedStore(new MemoryStore(), async (operation) => {
      if (operation !== 'create') return;
      await barrier.pass();
      throw new StoreError('STORE_UNAVAILABLE', '…');
    });
    const told = Promise.withResolvers<unknown>();
    const onError = (error: unknown, _request: IncomingMessage, response: ServerResponse) => {
      told.resolve(error);
      response.end('too late');
    };
    const origin = await listening(
      withSession(new Sessions({ store }), { onError }, (_request, response, session) => {
        session.data.visited = true;
        response.on('close', closed.resolve);
        response.end('done');
      }),
    );
    const request = send(origin, { agent: false }).end();
    request.on('error', () => {});
    await barrier.reached;
    request.destroy();
    await closed.promise;
    barrier.open();
    expect(await told.promise).toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});
