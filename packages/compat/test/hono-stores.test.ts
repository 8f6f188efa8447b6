import { type SessionEnv, useSession } from '@hono/session';
import type { SessionStore } from '@stet/core';
import { Gate, Meeting } from '@stet/visitors';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { useStetSessionStorage } from '../src/hono.ts';
import { stores } from './support/stores.ts';

/** A site whose requests set or unset a key, or end the session; `/set` waits with its session updated. */
function openSite(store: SessionStore, waits: () => Promise<void> = async () => {}) {
  const app = new Hono<SessionEnv>();
  app.onError((error, c) => c.text((error as { code?: string }).code ?? String(error), 500));
  app.use(useStetSessionStorage({ store }), useSession({ secret: 'a secret of at least 32 characters' }));
  app.get('/', async (c) => c.json(await c.var.session.get()));
  app.get('/set/:key/:value', async (c) => {
    await c.var.session.update((values) => ({ ...values, [c.req.param('key')]: c.req.param('value') }));
    await waits();
    return c.json(c.var.session.data);
  });
  app.get('/unset/:key', async (c) => {
    await c.var.session.update((values) => ({ ...values, [c.req.param('key')]: undefined }));
    return c.json(c.var.session.data);
  });
  app.get('/end', async (c) => {
    await c.var.session.get();
    c.var.session.delete();
    return c.text('ended');
  });
  return async (path: string, cookie = '') => app.request(encodeURI(path), { headers: { cookie } });
}

describe.each(stores)('over %s', (_, open) => {
  test('a session is kept, found, changed and ended', async () => {
    const get = openSite(await open());
    const [cookie = ''] = (await get('/set/user/naïve ☃ 🂡')).headers.getSetCookie();
    await get('/set/other/1', cookie);
    expect(await (await get('/', cookie)).json()).toEqual({ user: 'naïve ☃ 🂡', other: '1' });
    await get('/unset/user', cookie);
    expect(await (await get('/', cookie)).json()).toEqual({ other: '1' });
    await get('/end', cookie);
    expect(await (await get('/', cookie)).json()).toBeNull();
  });

  test('requests that overlap come together by key', async () => {
    const store = await open();
    const [cookie = ''] = (await openSite(store)('/set/begun/1')).headers.getSetCookie();
    const meeting = new Meeting(10);
    const get = openSite(store, () => meeting.join());
    const numbers = Array.from({ length: 10 }, (_, n) => n);
    await Promise.all(numbers.map((n) => get(`/set/k${n}/${n}`, cookie)));
    const kept = Object.fromEntries(numbers.map((n) => [`k${n}`, `${n}`]));
    expect(await (await get('/', cookie)).json()).toEqual({ begun: '1', ...kept });
  });

  test('a request that saves after a logout creates nothing', async () => {
    const store = await open();
    const [cookie = ''] = (await openSite(store)('/set/begun/1')).headers.getSetCookie();
    const gate = new Gate();
    const get = openSite(store, () => gate.pass());
    const late = get('/set/late/1', cookie);
    await gate.reached;
    await get('/end', cookie);
    gate.open();
    expect([await (await late).text(), await (await get('/', cookie)).json()]).toEqual(['SESSION_GONE', null]);
  });
});
