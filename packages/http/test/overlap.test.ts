import type { RequestListener } from 'node:http';
import { Sessions } from '@stet/core';
import { listening, Meeting, Visitor } from '@stet/visitors';
import { describe, expect, test } from 'vitest';
import { lastWriteWins } from './naive/last-write-wins.ts';
import { type App, bindings } from './support/bindings.ts';
import { stores } from './support/stores.ts';

/** An application whose changing requests all have their session in hand before the first one goes on. */
function overlappingApp(requests: number): App {
  const meeting = new Meeting(requests);
  return async (session, { pathname, searchParams }) => {
    if (pathname === '/set') {
      await meeting.join();
      session.data[searchParams.get('key') ?? ''] = 'kept';
    }
    if (pathname === '/count') {
      await meeting.join();
      session.update('n', (n) => ((n as number) ?? 0) + 1);
    }
    if (pathname === '/begin') session.data.begun = true;
    return JSON.stringify(session.data);
  };
}

async function keysKept(listener: RequestListener, requests: number): Promise<number> {
  const visitor = new Visitor(await listening(listener));
  await visitor.get('/begin');
  const answers = await Promise.all(Array.from({ length: requests }, (_, n) => visitor.twin().get(`/set?key=k${n}`)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const data = (await visitor.json('/')) as object;
  return Object.keys(data).filter((key) => key.startsWith('k')).length;
}

async function counted(listener: RequestListener, requests: number): Promise<number> {
  const visitor = new Visitor(await listening(listener));
  await visitor.get('/begin');
  const answers = await Promise.all(Array.from({ length: requests }, () => visitor.twin().get('/count')));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  return JSON.parse(await visitor.text('/')).n;
}

for (const [storeName, openStore] of stores) {
  describe(storeName, () => {
    test.each(bindings)('%s: 50 overlapping requests, each with its own key, keep 50 keys', async (_, bind) => {
      const sessions = new Sessions({ store: await openStore() });
      expect(await keysKept(bind(sessions, overlappingApp(50)), 50)).toBe(50);
    });

    test.each(bindings)('%s: 200 overlapping updates of a counter count to 200', async (_, bind) => {
      const sessions = new Sessions({ store: await openStore() });
      expect(await counted(bind(sessions, overlappingApp(200)), 200)).toBe(200);
    });
  });
}

describe('the tests bite: middleware that saves whole sessions', () => {
  test('loses keys', async () => {
    expect(await keysKept(lastWriteWins(overlappingApp(50)), 50)).toBeLessThan(50);
  });

  test('loses counts', async () => {
    expect(await counted(lastWriteWins(overlappingApp(200)), 200)).toBeLessThan(200);
  });
});
