import { MemoryStore, StoreError } from '@stet/core';
import { interceptedStore } from '@stet/visitors';
import { expect, test } from 'vitest';
import { StetStore } from '../src/koa-session.ts';
import { openKoaSite } from './support/koa-site.ts';

test('while the store is down every request is an error, and the visitor keeps the cookie and the session', async () => {
  let failure: unknown;
  const store = interceptedStore(new MemoryStore(), () => failure && Promise.reject(failure));
  const { visitor: enter, errors } = await openKoaSite({ store: new StetStore({ store }) });
  const visitor = enter();
  await visitor.get('/put/a');
  const { cookie } = visitor;
  failure = new StoreError('STORE_UNAVAILABLE', 'No.');
  for (const path of ['/', '/put/b', '/log-out']) {
    expect(await visitor.get(path)).toMatchObject({ status: 500, text: 'STORE_UNAVAILABLE', setCookie: [] });
  }
  expect(errors).toEqual([failure, failure, failure]);
  failure = undefined;
  expect(visitor.cookie).toBe(cookie);
  expect(await visitor.json('/')).toEqual(['a']);
});

test('a save that fails is an error to the request', async () => {
  let isDown = false;
  const outage = new StoreError('STORE_UNAVAILABLE', 'No.');
  const store = interceptedStore(new MemoryStore(), () => isDown && Promise.reject(outage));
  const { visitor: enter } = await openKoaSite(
    { store: new StetStore({ store }) },
    {
      change: ({ session }) => {
        session.n = 1;
        isDown = true;
      },
    },
  );
  expect(await enter().get('/change')).toMatchObject({ status: 500, text: 'STORE_UNAVAILABLE', setCookie: [] });
});
