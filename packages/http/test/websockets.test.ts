import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateToken, isSessionError, MemoryStore, Sessions, type SessionsOptions, StoreError } from '@stet/core';
import { TieredStore } from '@stet/tiered';
import { interceptedStore, listening, Meeting, Visitor } from '@stet/visitors';
import { Server as SocketServer } from 'socket.io';
import { io as connectSocket } from 'socket.io-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { sessionFinder, withSession } from '../src/bindings/node.ts';
import { exampleOf, exampleSite } from './support/example.ts';

const options = { cookie: { secure: false } };
const cookieOf = ({ token }: { token: string | null }) => `sid=${token}`;

async function begun(sessionsOptions: SessionsOptions) {
  const sessions = new Sessions<{ user?: string; n?: number }>(sessionsOptions);
  const session = await sessions.open();
  session.data.user = 'ada';
  await session.save();
  return { sessions, session, cookie: cookieOf(session), findSession: sessionFinder(sessions, options) };
}

describe('the example of docs/websockets.md', () => {
  async function site() {
    const { start } = await exampleSite(await exampleOf('docs/websockets.md'));
    return (await start()).origin;
  }

  /** A browser's socket on a page of the site. */
  function socket(origin: string, cookie?: string, page = 'http://localhost:3000'): WebSocket {
    const client = new WebSocket(origin.replace('http', 'ws'), {
      headers: { origin: page, ...(cookie && { cookie }) },
    });
    onTestFinished(() => client.terminate());
    return client;
  }

  async function say(client: WebSocket): Promise<string> {
    client.send('hello');
    return String((await once(client, 'message'))[0]);
  }

  const refusal = async (client: WebSocket) => String((await once(client, 'error'))[0]);

  test('refuses who has no session, and pages of others', async () => {
    const origin = await site();
    for (const cookie of [undefined, 'sid=short', `sid=${generateToken()}`]) {
      expect(await refusal(socket(origin, cookie))).toContain('401');
    }
    const visitor = new Visitor(origin);
    await visitor.get('/login');
    expect(await refusal(socket(origin, visitor.cookie, 'https://example.org'))).toContain('403');
  });

  test('saves beside HTTP requests and other sockets, and learns a logout at the next message', async () => {
    const origin = await site();
    const visitor = new Visitor(origin);
    await visitor.get('/login');
    const clients = [socket(origin, visitor.cookie), socket(origin, visitor.cookie)];
    await Promise.all(clients.map((client) => once(client, 'open')));
    const answers = await Promise.all(clients.map(say));
    expect(answers.toSorted()).toEqual(['ada: 1', 'ada: 2']);
    expect(await visitor.json('/')).toEqual({ user: 'ada', messages: 2 });
    await visitor.twin().get('/logout');
    for (const client of clients) {
      client.send('still here?');
      expect((await once(client, 'close'))[0]).toBe(4401);
    }
    expect(await visitor.text('/')).toBe('{}');
  });
});

describe('a session found without a response', () => {
  test('is null where there is none, and nothing is begun', async () => {
    const { sessions, findSession } = await begun({ store: new MemoryStore() });
    for (const header of [undefined, null, '', 'sid=short', `sid=${generateToken()}`, `other=${generateToken()}`]) {
      expect(await findSession(header)).toBeNull();
    }
    expect(await Array.fromAsync(sessions.entries())).toHaveLength(1);
  });

  test('is an error where the store fails', async () => {
    const store = interceptedStore(new MemoryStore(), () => {
      throw new StoreError('STORE_UNAVAILABLE', '…');
    });
    const findSession = sessionFinder(new Sessions({ store }), options);
    await expect(findSession(`sid=${generateToken()}`)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  test('merges with the requests that it overlaps', async () => {
    const { sessions, cookie, findSession } = await begun({ store: new MemoryStore() });
    // The requests, and what is found without a response.
    const meeting = new Meeting(20 + 1);
    const origin = await listening(
      withSession(sessions, options, async (_request, response, session) => {
        await meeting.join();
        session.update('n', (n) => (n ?? 0) + 1);
        response.end();
      }),
    );
    // Each has its session in hand before the first one saves.
    const found = await Promise.all(Array.from({ length: 20 }, () => findSession(cookie)));
    const requests = Array.from({ length: 20 }, () => new Visitor(origin, cookie).get('/'));
    await meeting.join();
    const saves = found.map((session) => {
      session?.update('n', (n) => (n ?? 0) + 1);
      return session?.save();
    });
    await Promise.all([...saves, ...requests]);
    expect((await findSession(cookie))?.data).toEqual({ user: 'ada', n: 40 });
  });

  test('that was in hand during a logout cannot bring it back', async () => {
    const { sessions, cookie, findSession } = await begun({ store: new MemoryStore() });
    const inHand = await findSession(cookie);
    await (await findSession(cookie))?.destroy();
    inHand?.update('n', () => 1);
    const failure = await inHand?.save().catch((error: unknown) => error);
    expect(isSessionError(failure) && failure.code).toBe('SESSION_GONE');
    expect(await findSession(cookie)).toBeNull();
    expect(await Array.fromAsync(sessions.entries())).toEqual([]);
  });

  test('is asked of the store of record where it has to be fresh', async () => {
    const back = new MemoryStore();
    const { session, cookie, findSession } = await begun({
      store: new TieredStore({ front: new MemoryStore(), back }),
    });
    await findSession(cookie); // from now on the front has it
    await new Sessions({ store: back }).revoke(session.id); // by somebody who does not know of the front
    expect((await findSession(cookie))?.data).toEqual({ user: 'ada' });
    expect(await findSession(cookie, { fresh: true })).toBeNull();
  });
});

test('Socket.IO: the handshake needs a session, and messages save to it until the logout', async () => {
  const { session, cookie, findSession } = await begun({ store: new MemoryStore() });
  const server = createServer();
  const io = new SocketServer(server);
  onTestFinished(() => void io.close());
  io.use(async (socket, next) => {
    try {
      next((await findSession(socket.handshake.headers.cookie)) ? undefined : new Error('Log in first.'));
    } catch (error) {
      next(error as Error);
    }
  });
  io.on('connection', (socket) => {
    socket.on('message', async (reply: (n: unknown) => void) => {
      const found = await findSession(socket.handshake.headers.cookie, { fresh: true });
      if (!found) return void socket.disconnect(true);
      found.update('n', (n) => (n ?? 0) + 1);
      await found.save();
      reply(found.data.n);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const connect = (header?: string) => {
    const client = connectSocket(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      transports: ['websocket'],
      ...(header && { extraHeaders: { cookie: header } }),
    });
    onTestFinished(() => void client.close());
    return client;
  };
  const told = (client: ReturnType<typeof connect>, event: string) =>
    new Promise<unknown>((resolve) => void client.once(event, resolve));

  for (const header of [undefined, `sid=${generateToken()}`]) {
    expect(await told(connect(header), 'connect_error')).toMatchObject({ message: 'Log in first.' });
  }
  const client = connect(cookie);
  expect(await client.emitWithAck('message')).toBe(1);
  expect(await client.emitWithAck('message')).toBe(2);
  expect((await findSession(cookie))?.data).toEqual({ user: 'ada', n: 2 });
  await session.destroy();
  const disconnected = told(client, 'disconnect');
  client.emit('message');
  expect(await disconnected).toBe('io server disconnect');
});

test('what a socket has found cannot be moved, because nothing would carry the new token to the visitor', async () => {
  const { cookie, findSession } = await begun({ store: new MemoryStore() });
  const session = await findSession(cookie);
  await expect(async () => session?.regenerate()).rejects.toMatchObject({ code: 'SESSION_STATE' });
  await expect(async () => session?.reset()).rejects.toMatchObject({ code: 'SESSION_STATE' });
  expect(() => Object.assign(session ?? {}, { subject: 'ada' })).toThrow('Only a request');
  expect((await findSession(cookie))?.data).toEqual({ user: 'ada' });
});
