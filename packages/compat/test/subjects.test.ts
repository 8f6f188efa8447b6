import { MemoryStore, Sessions, type SessionValues } from '@stet/core';
import { describe, expect, test } from 'vitest';
import { StetStore } from '../src/express-session.ts';
import { StetStore as FastifyStore } from '../src/fastify-session.ts';
import { KeptSessions } from '../src/kept/kept-sessions.ts';
import { StetStore as KoaStore } from '../src/koa-session.ts';
import { createStetSessionStorage } from '../src/react-router.ts';
import { openSite } from './support/site.ts';

const hourMs = 3_600_000;
const endOf = () => Date.now() + hourMs;
const subject = (session: { passport?: { user?: string | number } }) => session.passport?.user;

describe('whom a session belongs to', () => {
  test('is read from it at each save, and is nobody after the logout', async () => {
    const store = new MemoryStore();
    const kept = new KeptSessions({ store, subject });
    const session: SessionValues = { cart: 1 };
    const owners: unknown[] = [];
    for (const passport of [undefined, { user: 'ada' }, { user: 7 }, {}, { user: '' }]) {
      session.passport = passport;
      await kept.save('s', session, endOf);
      for await (const [, record] of store.entries()) owners.push(record.subject);
    }
    expect(owners).toEqual([undefined, 'ada', '7', undefined, undefined]);
  });

  test('is added to a session from before the option, and is kept where there is none', async () => {
    const store = new MemoryStore();
    await new KeptSessions({ store }).save('s', { passport: { user: 'ada' } }, endOf);
    expect(await store.bySubject('ada')).toEqual([]);
    const kept = new KeptSessions({ store, subject });
    const session = (await kept.load('s'))?.session ?? {};
    await kept.save('s', session, endOf);
    expect(await store.bySubject('ada')).toHaveLength(1);
    const without = new KeptSessions({ store });
    const again = (await without.load('s'))?.session ?? {};
    again.cart = 1;
    await without.save('s', again, endOf);
    expect(await store.bySubject('ada')).toHaveLength(1);
  });

  test('reaches every session of an Express site: a user is logged out everywhere', async () => {
    const store = new MemoryStore();
    const site = await openSite(new StetStore({ store, subject }), (app) => {
      app.get('/log-in/:user', (request, response) => {
        request.session.passport = { user: request.params.user };
        response.send('in');
      });
      app.get('/', (request, response) => {
        response.json((request.session.passport as { user?: string } | undefined)?.user ?? 'nobody');
      });
    });
    const [phone, laptop, other] = [site.visitor(), site.visitor(), site.visitor()];
    await phone.get('/log-in/ada');
    await laptop.get('/log-in/ada');
    await other.get('/log-in/bob');
    expect(await new Sessions({ store }).revokeSubject('ada')).toBe(2);
    const seen = await Promise.all([phone, laptop, other].map((visitor) => visitor.json('/')));
    expect(seen).toEqual(['nobody', 'nobody', 'bob']);
  });

  test.each([
    [
      '@fastify/session',
      (store: MemoryStore) =>
        new Promise<void>((resolve, reject) => {
          const session = { passport: { user: 'ada' }, cookie: {} };
          const saved = (error: unknown) => (error ? reject(error) : resolve());
          new FastifyStore({ store, subject }).set('s', session as never, saved);
        }),
    ],
    ['koa-session', (store: MemoryStore) => new KoaStore({ store, subject }).set('s', { passport: { user: 'ada' } })],
    [
      'React Router',
      async (store: MemoryStore) => {
        const storage = createStetSessionStorage({ store, subject, cookie: { secrets: ['x'] } });
        const session = await storage.getSession();
        session.set('passport', { user: 'ada' });
        await storage.commitSession(session);
      },
    ],
  ])('is known of the sessions of %s, too', async (_, save) => {
    const store = new MemoryStore();
    await save(store);
    expect(await store.bySubject('ada')).toHaveLength(1);
  });
});
