import { once } from 'node:events';
import { request as send } from 'node:http';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { MemoryStore, Sessions, StoreError } from '@stet/core';
import { Gate, interceptedStore, listening } from '@stet/visitors';
import { describe, expect, test } from 'vitest';
import { type App, bindings } from './support/bindings.ts';
import { ask } from './support/held-server.ts';

const unavailable = new StoreError('STORE_UNAVAILABLE', '…');

/** A server whose handler changes its session, and whose store holds the save up until the gate is open. */
function heldSessions(outcome?: Error) {
  const gate = new Gate();
  const memory = new MemoryStore();
  let saves = 0;
  const store = interceptedStore(memory, async (operation) => {
    if (operation !== 'create') return;
    saves += 1;
    await gate.pass();
    if (outcome) throw outcome;
  });
  const kept = async () => (await Array.fromAsync(new Sessions({ store: memory }).entries())).map(({ data }) => data);
  return { sessions: new Sessions({ store }), gate, kept, saves: () => saves };
}

describe.each(bindings)('%s', (_, bind) => {
  test('a stream begins after the save, and may go on for as long as it likes', async () => {
    const { sessions, gate, kept } = heldSessions();
    const body = new PassThrough();
    const origin = await listening(
      bind(sessions, (session) => {
        session.data.visited = true;
        return { body };
      }),
    );
    body.write('one,');
    let hasBegun = false;
    const asked = ask(origin).then((response) => {
      hasBegun = true;
      return response;
    });
    await gate.reached;
    expect(hasBegun).toBe(false);
    gate.open();
    const response = await asked;
    expect(response.headers['set-cookie']).toHaveLength(1);
    expect(String((await once(response, 'data'))[0])).toBe('one,');
    expect(await kept()).toEqual([{ visited: true }]);
    body.end('two');
    expect(await text(response)).toBe('two');
  });

  test('a stream whose session cannot be saved is let go', async () => {
    const { sessions, gate } = heldSessions(unavailable);
    const body = new PassThrough();
    const ended = new Promise((resolve) => body.on('close', resolve));
    // However it is told: what matters is that nothing keeps it open.
    body.on('error', () => {});
    const origin = await listening(
      bind(sessions, (session) => {
        session.data.visited = true;
        return { body };
      }),
    );
    body.write('one,');
    gate.open();
    const response = await ask(origin);
    expect(response.statusCode).toBe(503);
    expect(await text(response)).not.toContain('one,');
    await ended;
  });

  test.each<[method: string, status: number]>([
    ['HEAD', 200],
    ['GET', 304],
    ['GET', 204],
  ])('an answer to %s with status %d has no body, and its session', async (method, status) => {
    const { sessions, gate, kept } = heldSessions();
    const app: App = (session) => {
      session.data.visited = true;
      return { status, headers: { ETag: '"1"' }, ...(method === 'HEAD' && { body: 'four' }) };
    };
    gate.open();
    const response = await ask(await listening(bind(sessions, app)), { method });
    expect([response.statusCode, response.headers.etag, await text(response)]).toEqual([status, '"1"', '']);
    expect(response.headers['set-cookie']).toHaveLength(1);
    expect(response.headers.vary).toBe('Cookie');
    expect(await kept()).toEqual([{ visited: true }]);
  });

  test('a save that fails answers HEAD with its status, and no body', async () => {
    const { sessions, gate } = heldSessions(unavailable);
    gate.open();
    const app: App = (session) => {
      session.data.visited = true;
      return 'four';
    };
    const response = await ask(await listening(bind(sessions, app)), { method: 'HEAD' });
    expect([response.statusCode, await text(response)]).toEqual([503, '']);
  });

  test('a client that goes away before the save: it is made all the same, once', async () => {
    const { sessions, gate, kept, saves } = heldSessions();
    const closed = Promise.withResolvers<void>();
    const listener = bind(sessions, (session) => {
      session.data.visited = true;
      return 'done';
    });
    const origin = await listening((request, response) => {
      request.socket.on('close', closed.resolve);
      return listener(request, response);
    });
    const request = send(origin, { agent: false }).end();
    request.on('error', () => {});
    await gate.reached;
    request.destroy();
    await closed.promise;
    gate.open();
    await expect.poll(kept).toEqual([{ visited: true }]);
    // The server has got over it.
    expect((await ask(origin)).statusCode).toBe(200);
    expect(saves()).toBe(2);
  });
});
