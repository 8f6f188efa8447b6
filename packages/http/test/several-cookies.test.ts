import { generateToken, MemoryStore, type SessionStore, Sessions } from '@stet/core';
import { interceptedStore, listening, Visitor } from '@stet/visitors';
import { describe, expect, test } from 'vitest';
import { sessionFinder } from '../src/bindings/node.ts';
import { type App, bindings } from './support/bindings.ts';

const app: App = (session, { pathname }) => {
  if (pathname === '/begin') session.data.user = 'ada';
  return JSON.stringify(session.data);
};

const options = { cookie: { secure: false } };
const dead = () => `sid=${generateToken()}`;

describe.each(bindings)('%s', (_, bind) => {
  async function begun(bindingOptions = {}) {
    let loads = 0;
    const store: SessionStore = interceptedStore(new MemoryStore(), (operation) => {
      if (operation === 'load') loads += 1;
    });
    const sessions = new Sessions({ store });
    const visitor = new Visitor(await listening(bind(sessions, app, { ...options, ...bindingOptions })));
    await visitor.get('/begin');
    return { visitor, live: String(visitor.cookie), sessions, loads: () => loads };
  }

  test.each([1, 2])('of several cookies the live one is found behind %i dead ones', async (before) => {
    const { visitor, live, sessions } = await begun();
    const header = [...Array.from({ length: before }, dead), live].join('; ');
    visitor.cookie = header;
    expect(await visitor.json('/')).toEqual({ user: 'ada' });
    const found = await sessionFinder(sessions, options)(header);
    expect(found?.data).toEqual({ user: 'ada' });
  });

  test('no more than three are asked for', async () => {
    const { visitor, live, loads } = await begun();
    visitor.cookie = [...Array.from({ length: 50 }, dead), live].join('; ');
    const before = loads();
    expect(await visitor.json('/')).toEqual({});
    expect(loads() - before).toBe(3);
  });
});
