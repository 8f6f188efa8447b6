import { connect } from 'node:net';
import { MemoryStore, Sessions } from '@stet/core';
import { Gate, interceptedStore, listening, Visitor } from '@stet/visitors';
import { expect, test } from 'vitest';
import { type App, bindings } from './support/bindings.ts';

const app: App = (session, { pathname }) => {
  if (pathname === '/login') {
    session.data.user = 'ada';
    return { status: 302, headers: { Location: '/' } };
  }
  return `user: ${session.data.user}`;
};

test.each(bindings)(
  '%s: a redirect does not overtake its session: no byte of it leaves before the save',
  async (_, bind) => {
    const gate = new Gate();
    const store = interceptedStore(new MemoryStore(), (operation) => operation === 'create' && gate.pass());
    const origin = await listening(bind(new Sessions({ store }), app));
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    let received = '';
    const whole = new Promise<string>((resolve, reject) => {
      socket.on('data', (chunk) => {
        received += chunk;
      });
      socket.on('end', () => resolve(received)).on('error', reject);
    });
    socket.write('GET /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await gate.reached;
    // As good as a pause: whole requests come and go meanwhile.
    for (let n = 0; n < 3; n += 1) expect(await new Visitor(origin).text('/')).toBe('user: undefined');
    expect(received).toBe('');
    gate.open();
    const head = await whole;
    expect(head).toMatch(/^HTTP\/1.1 302 /);
    const [, cookie] = /set-cookie: ([^;]*)/i.exec(head) ?? [];
    expect(await new Visitor(origin, cookie).text('/')).toBe('user: ada');
  },
);
