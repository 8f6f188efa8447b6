import { describe, expect, test } from 'vitest';
import { StetStore, type StetStoreOptions } from '../src/fastify-session.ts';
import { openFastifySite, routes } from './support/fastify-site.ts';
import { observedVisitor } from './support/observed-visitor.ts';

describe('what the store is asked', () => {
  const observed = (options = {}, storeOptions: Partial<StetStoreOptions> = {}) =>
    observedVisitor((store) => openFastifySite(new StetStore({ store, ...storeOptions }), routes, options));

  test('a visitor without a session asks nothing', async () => {
    expect(await (await observed()).asked('/')).toEqual([]);
  });

  test.each([
    ['maxAge', { maxAge: 3_600_000 }],
    ['nothing', {}],
  ])('a request that only reads loads, and writes once a minute, where the cookie has %s', async (_, cookie) => {
    const { asked, pass } = await observed({ cookie });
    expect(await asked('/put/a')).toEqual(['create']);
    expect(await asked('/')).toEqual(['load']);
    pass(59_000);
    expect(await asked('/')).toEqual(['load']);
    pass(1_000);
    expect(await asked('/')).toEqual(['load', 'touch']);
    expect(await asked('/')).toEqual(['load']);
    expect(await asked('/put/b')).toEqual(['load', 'update']);
  });

  test('a login is one delete and two writes, a logout one delete', async () => {
    const { asked } = await observed();
    await asked('/put/a');
    expect(await asked('/log-in')).toEqual(['load', 'delete', 'create', 'update']);
    expect(await asked('/log-out')).toEqual(['load', 'delete']);
  });

  test.each([
    ['maxAge', { maxAge: 10_000 }, 10_000],
    ['nothing', {}, 5_000],
  ])('a session in use goes on, and ends when its cookie, with %s, says', async (_, cookie, lifeMs) => {
    const { visitor, pass } = await observed({ cookie }, { ttlMs: 5_000 });
    await visitor.get('/put/a');
    for (let use = 0; use < 3; use += 1) {
      pass(lifeMs * 0.8);
      expect(await visitor.json('/')).toEqual(['a']);
    }
    pass(lifeMs);
    expect(await visitor.json('/')).toEqual([]);
  });

  test('without rolling a session ends when it was last changed to', async () => {
    const { visitor, asked, pass } = await observed({ rolling: false, cookie: { maxAge: 10_000 } });
    await visitor.get('/put/a');
    pass(8_000);
    expect(await asked('/')).toEqual(['load']);
    await visitor.get('/put/b');
    pass(8_000);
    expect(await visitor.json('/')).toEqual(['a', 'b']);
    pass(2_000);
    expect(await visitor.json('/')).toEqual([]);
  });

  test('a session ends when expires says, however it is used', async () => {
    const { visitor, asked, pass } = await observed({ cookie: { expires: new Date(Date.now() + 100_000) } });
    await visitor.get('/put/a');
    pass(90_000);
    expect(await asked('/')).toEqual(['load']);
    await visitor.get('/put/b');
    pass(11_000);
    expect(await visitor.json('/')).toEqual([]);
  });

  test('a session whose cookie is given a longer life has it', async () => {
    const { visitor, pass } = await observed({ cookie: { maxAge: 10_000 } });
    await visitor.get('/put/a');
    await visitor.get('/remember');
    pass(29 * 86_400_000);
    expect(await visitor.json('/')).toEqual(['a', 'remembered']);
    pass(29 * 86_400_000);
    expect(await visitor.json('/')).toEqual(['a', 'remembered']);
  });

  test('a sid that names no session is not adopted', async () => {
    const { visitor, asked } = await observed();
    await visitor.get('/put/a');
    const late = visitor.twin();
    await visitor.get('/log-out');
    const { cookie } = late;
    expect(await asked('/put/b')).toEqual(['load', 'create']);
    await late.get('/put/b');
    expect(late.cookie).not.toBe(cookie);
  });
});
