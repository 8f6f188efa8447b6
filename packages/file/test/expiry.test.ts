import { idOf } from '@stet/core';
import { expect } from 'vitest';
import { FileStore } from '../src/index.ts';
import { interceptDisk } from './disk-interception.ts';
import { test } from './temporary-directory.ts';

const id = idOf('a');

test('a session that expires while its update is written to the disk stays expired', async ({ directory }) => {
  let now = 1_000;
  const store = new FileStore({ directory, now: () => now });
  const record = await store.create(id, { data: '{}', expiresAt: 2_000 });
  if (!record) expect.unreachable('the id was free');
  const restore = interceptDisk(directory, (call, proceed) => {
    if (call.name === 'handle.sync') now = 2_000;
    return proceed();
  });
  try {
    expect(await store.update(id, record, { data: '{}', expiresAt: 9_000 })).toEqual({ status: 'gone' });
  } finally {
    restore();
  }
  expect(await store.load(id)).toBeNull();
  expect(await store.deleteExpired()).toBe(1);
});
