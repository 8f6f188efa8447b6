import { MemoryStore, type SessionStore, Sessions, StoreError } from '@stet/core';
import { interceptedStore, listening, Meeting, Visitor } from '@stet/visitors';
import flash from 'connect-flash';
import { csrfSync } from 'csrf-sync';
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import express4 from 'express4';
import grant from 'grant';
import passport from 'passport';
import { Strategy } from 'passport-local';
import { describe, expect, test } from 'vitest';
import { type ConnectSession, connectSession } from '../src/bindings/connect.ts';

const secure = { cookie: { secure: false } };
const sessionOf = (request: Request): ConnectSession => request.session as unknown as ConnectSession;

describe.each([
  ['express 5', express],
  ['express 4', express4],
])('%s', (_, framework) => {
  function site(store: SessionStore = new MemoryStore()): Express {
    const app = framework();
    app.set('env', 'test');
    app.use(connectSession(new Sessions({ store }), secure) as RequestHandler);
    return app;
  }

  test('the data are properties of the session, and overlapping requests keep all of them', async () => {
    const meeting = new Meeting(10);
    const app = site();
    app.get('/begin', (request, response) => {
      sessionOf(request).begun = true;
      response.end();
    });
    app.get('/set/:key', (request, response) => {
      sessionOf(request)[String(request.params.key)] = 1;
      meeting.join().then(() => response.end());
    });
    app.get('/', (request, response) => {
      const session = sessionOf(request);
      response.json({ session, keys: Object.keys(session).length, own: Object.hasOwn(session, 'begun') });
    });
    const visitor = new Visitor(await listening(app));
    await visitor.get('/begin');
    await Promise.all(Array.from({ length: 10 }, (_key, n) => visitor.twin().get(`/set/k${n}`)));
    expect(await visitor.json('/')).toMatchObject({ session: { begun: true, k0: 1, k9: 1 }, keys: 11, own: true });
  });

  test('save, reload, regenerate and destroy call back', async () => {
    const app = site();
    const seen: unknown[] = [];
    app.get('/save', (request, response) => {
      sessionOf(request).saved = 1;
      sessionOf(request).save((error) => {
        sessionOf(request).saved = 2;
        sessionOf(request).reload((failure) =>
          response.json([error ?? null, failure ?? null, sessionOf(request).saved]),
        );
      });
    });
    app.get('/regenerate', (request, response) => {
      const before = sessionOf(request);
      const { id } = before;
      before.regenerate(() => {
        const after = sessionOf(request);
        seen.push(after !== before, after.id !== id, Object.keys(after));
        after.fresh = true;
        response.json('done');
      });
    });
    app.get('/destroy', (request, response) => {
      sessionOf(request).destroy((error) => response.json([error ?? null, request.session === undefined]));
    });
    app.get('/', (request, response) => void response.json(sessionOf(request)));
    const visitor = new Visitor(await listening(app));
    expect(await visitor.json('/save')).toEqual([null, null, 1]);
    const old = visitor.twin();
    await visitor.get('/regenerate');
    expect(seen).toEqual([true, true, []]);
    expect(await visitor.json('/')).toEqual({ fresh: true });
    expect(await old.json('/')).toEqual({});
    expect(await visitor.json('/destroy')).toEqual([null, true]);
    expect(visitor.cookie).toBeUndefined();
  });

  test('what nobody waits for is waited for by the response, and fails it', async () => {
    let isDown = false;
    const store = interceptedStore(new MemoryStore(), (operation) => {
      if (isDown && operation !== 'load') throw new StoreError('STORE_UNAVAILABLE', '…');
    });
    const app = site(store);
    app.get('/begin', (request, response) => {
      sessionOf(request).user = 'ada';
      response.end();
    });
    app.get('/logout', (request, response) => {
      sessionOf(request).destroy();
      response.redirect('/');
    });
    app.get('/', (request, response) => void response.json(sessionOf(request)));
    app.use(((error, _request, response, _next) => void response.json(error.code)) satisfies ErrorRequestHandler);
    const visitor = new Visitor(await listening(app));
    await visitor.get('/begin');
    isDown = true;
    expect(await visitor.twin().get('/logout')).toMatchObject({ status: 503 });
    isDown = false;
    const twin = visitor.twin();
    expect(await visitor.get('/logout')).toMatchObject({ status: 302 });
    expect(await twin.json('/')).toEqual({});
  });

  test('the age of the cookie is that of the session', async () => {
    const app = site();
    app.get('/remember', (request, response) => {
      const { cookie } = sessionOf(request);
      const before = [cookie.maxAge, cookie.expires, cookie.originalMaxAge];
      cookie.maxAge = 86_400_000;
      response.json([...before, cookie.maxAge, cookie.originalMaxAge, cookie.httpOnly, cookie.path]);
    });
    app.get('/forget', (request, response) => {
      sessionOf(request).cookie.expires = false;
      sessionOf(request).touch();
      response.json(sessionOf(request).cookie);
    });
    const visitor = new Visitor(await listening(app));
    expect(await visitor.json('/remember')).toEqual([null, null, null, 86_400_000, 86_400_000, true, '/']);
    expect((await visitor.get('/forget')).setCookie[0]).not.toContain('Max-Age');
  });

  test('a session that the application takes from the request is not saved', async () => {
    const app = site();
    app.get('/drop', (request, response) => {
      sessionOf(request).user = 'ada';
      Object.assign(request, { session: null });
      response.end();
    });
    const { setCookie } = await new Visitor(await listening(app)).get('/drop');
    expect(setCookie).toEqual([]);
  });

  test('passport 0.7, connect-flash and csrf-sync work unchanged', async () => {
    const own = new passport.Passport();
    own.use(new Strategy((name, _password, done) => done(null, name === 'ada' && { id: 'ada' })));
    own.serializeUser((user, done) => done(null, (user as { id: string }).id));
    own.deserializeUser((id, done) => done(null, { id }));
    const app = site();
    app.use(flash() as RequestHandler, own.initialize() as RequestHandler, own.session() as RequestHandler);
    app.use(express.urlencoded({ extended: false }));
    const csrf = csrfSync({ getTokenFromRequest: (request) => String(request.query.token) });
    app.get('/token', (request, response) => void response.send(csrf.generateToken(request)));
    app.get(
      '/login',
      own.authenticate('local', { successRedirect: '/me', failureRedirect: '/failed', failureFlash: 'no' }),
    );
    app.get('/me', (request, response) => {
      response.json({ user: request.user ?? null, flash: request.flash('error') });
    });
    app.get('/logout', (request, response, next) => {
      request.logout((error) => (error ? next(error) : response.redirect('/me')));
    });
    app.post('/change', csrf.csrfSynchronisedProtection, (_request, response) => void response.send('changed'));
    const origin = await listening(app);
    const visitor = new Visitor(origin);
    await visitor.get('/login?username=eve&password=x');
    expect(await visitor.json('/me')).toEqual({ user: null, flash: ['no'] });
    expect(await visitor.json('/me')).toEqual({ user: null, flash: [] });
    const before = visitor.cookie;
    expect((await visitor.get('/login?username=ada&password=x')).headers.get('location')).toBe('/me');
    expect(visitor.cookie).not.toBe(before);
    expect(await visitor.json('/me')).toEqual({ user: { id: 'ada' }, flash: [] });
    const token = await visitor.text('/token');
    const post = (value: string) =>
      fetch(`${origin}/change?token=${value}`, { method: 'POST', headers: { cookie: String(visitor.cookie) } });
    expect([(await post(token)).status, (await post('wrong')).status]).toEqual([200, 403]);
    await visitor.get('/logout');
    expect(await visitor.json('/me')).toEqual({ user: null, flash: [] });
  });

  test('grant keeps the state of a login in the session', async () => {
    const app = site();
    app.use(
      (grant as unknown as { express(config: object): unknown }).express({
        defaults: { origin: 'http://localhost', transport: 'session', state: true },
        github: { key: 'key', secret: 'secret', scope: [] },
      }) as RequestHandler,
    );
    app.get('/look', (request, response) => void response.json(sessionOf(request).grant));
    const visitor = new Visitor(await listening(app));
    const { status, headers } = await visitor.get('/connect/github');
    const state = new URL(String(headers.get('location'))).searchParams.get('state');
    expect(status).toBe(302);
    expect(await visitor.json('/look')).toMatchObject({ provider: 'github', state });
  });
});
