import { idOf, MemoryStore } from '@stet/core';
import { Gate, interceptedStore } from '@stet/visitors';
import type { Express, Response } from 'express';
import type { SessionOptions } from 'express-session';
import { describe, expect, test, vi } from 'vitest';
import { StetStore } from '../src/express-session.ts';
import { observedVisitor } from './support/observed-visitor.ts';
import { openSite } from './support/site.ts';
import { stores } from './support/stores.ts';

/** What a small application does with its sessions. */
function routes(app: Express): void {
  app.get('/put/:key', (request, response) => {
    request.session[request.params.key] = true;
    response.json(request.sessionID);
  });
  app.get('/drop/:key', (request, response) => {
    delete request.session[request.params.key];
    response.json(request.sessionID);
  });
  app.get('/log-in', (request, response, next) => {
    const before = request.sessionID;
    request.session.regenerate((error) => {
      if (error) return next(error);
      request.session.user = 'ada';
      response.json([before, request.sessionID]);
    });
  });
  app.get('/save-twice', (request, response, next) => {
    request.session.step = 1;
    request.session.save((error) => {
      if (error) return next(error);
      request.session.step = 2;
      response.json(request.sessionID);
    });
  });
  app.get('/reload', (request, response, next) => {
    request.session.forgotten = true;
    request.session.reload((error) => (error ? next(error) : response.json(Object.keys(request.session))));
  });
  app.get('/unset', (request, response) => {
    request.session = null as never;
    response.send();
  });
  app.get('/remember', (request, response) => {
    request.session.cookie.maxAge = 30 * 86_400_000;
    response.send();
  });
  app.get('/', (request, response) => {
    const { cookie: _, ...values } = request.session;
    response.json(Object.keys(values));
  });
}

describe.each(stores)('over %s', (_, open) => {
  test('a visit: begin, change, log in, log out', async () => {
    const store = await open();
    const { visitor: enter, errors } = await openSite(new StetStore({ store }), routes, { unset: 'destroy' });
    const visitor = enter();
    expect(await visitor.json('/')).toEqual([]);
    expect(await Array.fromAsync(store.entries())).toEqual([]);
    await visitor.get('/put/a');
    await visitor.get('/put/b');
    await visitor.get('/drop/a');
    await visitor.get('/save-twice');
    expect(await visitor.json('/')).toEqual(['b', 'step']);
    expect(await visitor.json('/reload')).toEqual(['cookie', 'b', 'step']);
    const old = visitor.twin();
    const [before, after] = (await visitor.json('/log-in')) as [string, string];
    expect(after).not.toBe(before);
    expect(await Array.fromAsync(store.entries(), ([id]) => id)).toEqual([idOf(after)]);
    expect(await old.json('/')).toEqual([]);
    expect(await visitor.json('/')).toEqual(['user']);
    await visitor.get('/unset');
    expect(await Array.fromAsync(store.entries())).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('the session is in the store before the response to a redirect ends', async () => {
    const gate = new Gate();
    const store = interceptedStore(await open(), (operation) => operation === 'create' && gate.pass());
    let redirect: Response | undefined;
    const { visitor: enter } = await openSite(new StetStore({ store }), (app) => {
      app.get('/from', (request, response) => {
        redirect = response;
        request.session.moved = true;
        response.redirect('/to');
      });
      app.get('/to', (request, response) => void response.json(request.session.moved ?? null));
    });
    const visitor = enter();
    const redirected = visitor.get('/from');
    await gate.reached;
    // A whole request later it would have ended, if it were to end before the save.
    await enter().get('/to');
    expect(redirect?.writableEnded).toBe(false);
    gate.open();
    await redirected;
    expect(await visitor.json('/to')).toBe(true);
  });
});

describe('what the store is asked', () => {
  const observed = (options: Partial<SessionOptions> = {}) =>
    observedVisitor((store) => openSite(new StetStore({ store }), routes, options));

  test('a visitor without a session asks nothing', async () => {
    expect(await (await observed()).asked('/')).toEqual([]);
  });

  test.each([
    ['resave: false', {}],
    ['resave: true', { resave: true }],
  ])('a request that only reads loads, and writes once a minute, with %s', async (_, options) => {
    const { asked, pass } = await observed(options);
    expect(await asked('/put/a')).toEqual(['create']);
    expect(await asked('/')).toEqual(['load']);
    pass(59_000);
    expect(await asked('/')).toEqual(['load']);
    pass(1_000);
    expect(await asked('/')).toEqual(['load', 'touch']);
    expect(await asked('/')).toEqual(['load']);
  });

  test('a change is one update; “remember me” is one, though express-session calls it a touch', async () => {
    const { asked, pass } = await observed();
    await asked('/put/a');
    expect(await asked('/put/b')).toEqual(['load', 'update']);
    expect(await asked('/remember')).toEqual(['load', 'update']);
    pass(29 * 86_400_000);
    expect(await asked('/put/c')).toContain('update');
  });

  test('a sid that names no session is not adopted', async () => {
    const { asked, visitor, memory } = await observed();
    await asked('/put/a');
    const { cookie } = visitor;
    await memory.delete((await Array.fromAsync(memory.entries(), ([id]) => id))[0] ?? '');
    expect(await asked('/put/b')).toEqual(['load', 'create']);
    expect(visitor.cookie).not.toBe(cookie);
  });
});

test('overlapping first requests for which genid makes one sid keep what both begin with', async () => {
  const gate = new Gate();
  const store = new MemoryStore();
  const held = interceptedStore(store, (operation) => operation === 'create' && gate.pass());
  const create = vi.spyOn(held, 'create');
  const { visitor: enter } = await openSite(new StetStore({ store: held }), routes, { genid: () => 'same' });
  const [one, two] = [enter(), enter()];
  const both = Promise.all([one.text('/put/a'), two.text('/put/b')]);
  await gate.reached;
  gate.open();
  await both;
  expect(create).toHaveBeenCalledTimes(2);
  expect(new Set((await one.json('/')) as string[])).toEqual(new Set(['a', 'b']));
});
