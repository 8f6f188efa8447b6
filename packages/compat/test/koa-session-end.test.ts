import type { CreateSessionOptions } from 'koa-session';
import { describe, expect, test, vi } from 'vitest';
import { StetStore } from '../src/koa-session.ts';
import { openKoaSite } from './support/koa-site.ts';
import { observedVisitor } from './support/observed-visitor.ts';

describe('what the store is asked', () => {
  async function observed(options: CreateSessionOptions = {}, ttlMs = 5_000) {
    const events: string[] = [];
    const seen = await observedVisitor(async (store) => {
      const site = await openKoaSite({ store: new StetStore({ store, ttlMs }), ...options });
      for (const event of ['missed', 'invalid', 'expired']) site.app.on(`session:${event}`, () => events.push(event));
      return site;
    });
    return { ...seen, events };
  }

  test('a visitor without a session asks nothing', async () => {
    expect(await (await observed()).asked('/')).toEqual([]);
  });

  test.each([{}, { renew: true }])('a request that only reads loads and no more, with %o', async (options) => {
    const { asked, pass } = await observed(options);
    expect(await asked('/put/a')).toEqual(['create']);
    pass(3_600_000);
    expect(await asked('/')).toEqual(['load']);
    expect(await asked('/put/b')).toEqual(['load', 'update']);
  });

  test('a request that only reads writes once a minute with rolling', async () => {
    const { asked, pass } = await observed({ rolling: true });
    expect(await asked('/put/a')).toEqual(['create']);
    expect(await asked('/')).toEqual(['load']);
    pass(59_000);
    expect(await asked('/')).toEqual(['load']);
    pass(1_000);
    expect(await asked('/')).toEqual(['load', 'touch']);
    expect(await asked('/')).toEqual(['load']);
  });

  test('a session in its second half is extended with renew', async () => {
    const { asked, visitor, pass } = await observed({ renew: true, maxAge: 20_000 });
    await visitor.get('/put/a');
    pass(11_000);
    expect(await asked('/')).toEqual(['load', 'touch']);
    pass(19_000);
    expect(await visitor.json('/')).toEqual(['a']);
  });

  test('a login is one delete and two writes, a logout one delete', async () => {
    const { asked } = await observed();
    await asked('/put/a');
    expect(await asked('/log-in')).toEqual(['load', 'delete', 'create', 'update']);
    expect(await asked('/log-out')).toEqual(['load', 'delete']);
  });

  test('the end of a session is noticed by koa-session, and ten seconds later there is none', async () => {
    const { visitor, events, pass } = await observed({ maxAge: 20_000 });
    await visitor.get('/put/a');
    const late = visitor.twin();
    pass(20_001);
    expect(await visitor.json('/')).toEqual([]);
    await vi.waitFor(() => expect(events).toEqual(['expired']));
    pass(10_000);
    expect(await late.json('/')).toEqual([]);
    await vi.waitFor(() => expect(events).toEqual(['expired', 'missed']));
  });

  test('a session whose cookie ends with the browser lives ttlMs, from its last use with rolling', async () => {
    const { visitor, pass } = await observed({ maxAge: 'session', rolling: true });
    await visitor.get('/put/a');
    for (let use = 0; use < 3; use += 1) {
      pass(4_000);
      expect(await visitor.json('/')).toEqual(['a']);
    }
    pass(5_000);
    expect(await visitor.json('/')).toEqual([]);
  });

  test('a session that is given a longer life has it', async () => {
    const { visitor, pass } = await observed({ maxAge: 20_000 });
    await visitor.get('/put/a');
    await visitor.get('/remember');
    pass(29 * 86_400_000);
    await visitor.get('/put/b');
    pass(29 * 86_400_000);
    expect(await visitor.json('/')).toEqual(['a', 'b']);
  });

  test('a key that names no session is not adopted', async () => {
    const { visitor, asked } = await observed();
    await visitor.get('/put/a');
    const late = visitor.twin();
    await visitor.get('/log-out');
    const { cookie } = late;
    await late.get('/put/b');
    expect(late.cookie).not.toBe(cookie);
    expect(await asked('/put/b')).toContain('create');
  });
});
