import { tracingChannel } from 'node:diagnostics_channel';
import { MemoryStore, Sessions } from '@stet/core';
import { expect, it } from 'vitest';

it('tells subscribers of each operation with the id, and never a token or data', async () => {
  const told: Array<{ operation: string; context: Record<string, unknown> }> = [];
  const operations = ['open', 'save', 'regenerate', 'destroy', 'transact', 'revoke', 'sweep'] as const;
  const unsubscribe = operations.map((operation) => {
    const subscribers = {
      asyncEnd: (context: unknown) => told.push({ operation, context: { ...(context as object) } }),
      error: (context: unknown) => told.push({ operation: `${operation} failed`, context: { ...(context as object) } }),
    };
    const channel = tracingChannel(`stet:${operation}`);
    channel.subscribe(subscribers as never);
    return () => channel.unsubscribe(subscribers as never);
  });
  const sessions = new Sessions<{ card?: string }>({ store: new MemoryStore() });
  const session = await sessions.open();
  session.data.card = '4111';
  session.subject = 'user-7';
  await session.save();
  const first = session.token ?? '';
  await sessions.open(first);
  await session.regenerate();
  await sessions.transact(session.id, ({ data }) => data.card);
  await sessions.revokeSubject('user-7');
  await expect(session.save()).resolves.toBeUndefined();
  session.data.card = '4222';
  await expect(session.save()).rejects.toMatchObject({ code: 'SESSION_GONE' });
  await session.destroy();
  await sessions.sweep();
  for (const stop of unsubscribe) stop();

  expect(told.map(({ operation }) => operation)).toEqual([
    'save',
    'open',
    'regenerate',
    'save',
    'transact',
    'revoke',
    'save',
    'save failed',
    'save',
    'destroy',
    'sweep',
  ]);
  const text = JSON.stringify(told);
  for (const secret of [first, session.token ?? '-', '4111', '4222']) expect(text).not.toContain(secret);
  expect(text).toContain(session.id);
});
