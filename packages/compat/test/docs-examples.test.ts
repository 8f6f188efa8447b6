import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Hono } from 'hono';
import type Koa from 'koa';
import { type ActionFunction, createStaticHandler, type LoaderFunction } from 'react-router';
import { expect, onTestFinished, test } from 'vitest';

const items = Array.from({ length: 20 }, (_, n) => `item${n}`);

/** What the program that a document shows exports. */
async function exportsOf<T>(document: string): Promise<T> {
  const text = await readFile(join(import.meta.dirname, '../../../docs', document), 'utf8');
  const [, code = ''] = /```js\n([\s\S]*?)```/.exec(text) ?? [];
  // In the package, so that its imports are found; git ignores it.
  const program = join(import.meta.dirname, `example-${randomUUID()}.tmp.mjs`);
  await writeFile(program, code);
  onTestFinished(() => rm(program));
  return import(program);
}

function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
}

test('the example for React Router keeps a cart, also when requests overlap, until the logout', async () => {
  const route = await exportsOf<{ loader: LoaderFunction; action: ActionFunction }>('react-router.md');
  const { queryRoute } = createStaticHandler([{ id: 'cart', path: '/', ...route }]);
  const post = (fields: Record<string, string>, cookie = ''): Promise<Response> =>
    queryRoute(new Request('http://site/', { method: 'POST', body: new URLSearchParams(fields), headers: { cookie } }));
  const look = (cookie: string) => queryRoute(new Request('http://site/', { headers: { cookie } }));
  const cookie = cookieOf(await post({ item: 'book' }));
  await Promise.all(items.map((item) => post({ item }, cookie)));
  expect(new Set(Object.keys(await look(cookie)))).toEqual(new Set(['book', ...items]));
  const ended = await post({ intent: 'logout' }, cookie);
  expect([ended.status, cookieOf(ended), await look(cookie)]).toEqual([302, '__session=', {}]);
});

test('so does that for @hono/session', async () => {
  const { default: app } = await exportsOf<{ default: Hono }>('hono-session.md');
  const cookie = cookieOf(await app.request('/cart/book'));
  await Promise.all(items.map((item) => app.request(`/cart/${item}`, { headers: { cookie } })));
  const cart = await (await app.request('/cart/book', { headers: { cookie } })).json();
  expect(new Set(cart as string[])).toEqual(new Set(['book', ...items]));
  await app.request('/logout', { method: 'POST', headers: { cookie } });
  expect(await (await app.request('/cart/pen', { headers: { cookie } })).json()).toEqual(['pen']);
});

/** Asks for items of a cart, each a path, at first one by one and then all at once, and logs out. */
async function keepsACart(cart: string): Promise<void> {
  const ask = (path: string, cookie = '', method = 'GET') =>
    fetch(new URL(path, cart), { method, headers: { cookie }, redirect: 'manual' });
  const begun = await ask('book');
  const cookie = begun.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ');
  await Promise.all(items.map((item) => ask(item, cookie)));
  expect(new Set((await (await ask('book', cookie)).json()) as string[])).toEqual(new Set(['book', ...items]));
  expect((await ask('/logout', cookie, 'POST')).status).toBe(302);
  expect(await (await ask('pen', cookie)).json()).toEqual(['pen']);
}

test('so does that for @fastify/session', async () => {
  const { default: app } = await exportsOf<{ default: FastifyInstance }>('fastify-session.md');
  onTestFinished(() => app.close());
  await keepsACart(`${await app.listen({ port: 0, host: '127.0.0.1' })}/cart/`);
});

test('so does that for koa-session', async () => {
  const { default: app } = await exportsOf<{ default: Koa }>('koa-session.md');
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  await keepsACart(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
