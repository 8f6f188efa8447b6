import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { rename } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { createApp } from '../src/app.ts';
import { openSessions } from '../src/sessions.ts';
import { dataDirectory } from './running-shop.ts';
import { Visitor } from './visitor.ts';

test('while the store is out of reach the shop says so, and signs nobody out', async () => {
  const { visitor, directory } = await siteInThisProcess();
  await visitor.signIn('ada', 'let-it-stand');
  const { cookie } = visitor;
  const store = join(directory, 'sessions');
  await rename(store, `${store}.away`);
  for (const response of [await visitor.get('/'), await visitor.post('/cart/add', { sku: 'ink' })]) {
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('you are still signed in');
    expect(response.headers.getSetCookie()).toEqual([]);
  }
  await rename(`${store}.away`, store);
  expect(visitor.cookie).toBe(cookie);
  expect(await visitor.isSignedIn()).toBe(true);
  expect(await visitor.cart()).toEqual({});
});

test('a request that is overtaken by a logout is told so, and brings nothing back', async () => {
  const { visitor, url } = await siteInThisProcess();
  await visitor.signIn('ada', 'let-it-stand');
  const { cookie } = visitor;

  const body = 'sku=ink';
  const opened = sessionOpened();
  const slow = request(`${url}/cart/add`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length },
  });
  slow.flushHeaders();
  await opened;
  await visitor.post('/logout');
  slow.end(body);
  const [response] = (await once(slow, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(409);
  expect(await text(response)).toContain('Your session has ended');

  visitor.cookie = cookie;
  expect(await visitor.isSignedIn()).toBe(false);
  expect(await visitor.cart()).toEqual({});
});

async function siteInThisProcess(): Promise<{ visitor: Visitor; url: string; directory: string }> {
  const directory = await dataDirectory();
  const server = createApp(await openSessions(directory), directory).listen(0, '127.0.0.1');
  onTestFinished(async () => {
    server.close();
    await once(server, 'close');
  });
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { visitor: new Visitor(url), url, directory };
}

/** Resolves once the next session is loaded for a request. */
function sessionOpened(): Promise<void> {
  return new Promise((resolve) => {
    const channel = 'tracing:stet:open:asyncEnd';
    const listener = () => {
      unsubscribe(channel, listener);
      resolve();
    };
    subscribe(channel, listener);
  });
}
