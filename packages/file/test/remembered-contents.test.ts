import { idOf } from '@stet/core';
import { expect, test as plain } from 'vitest';
import { ContentCache } from '../src/content/content-cache.ts';
import { recordCalls } from './disk-interception.ts';
import { patientStore } from './patient-store.ts';
import { test } from './temporary-directory.ts';

const id = idOf('a');
const draft = { data: 'first', expiresAt: Date.UTC(2100, 0), subject: 'user' };

test('what is remembered is never read after another process has replaced or ended it', async ({ directory }) => {
  const [store, other] = [patientStore({ directory }), patientStore({ directory })];
  const base = await store.create(id, draft);
  if (!base) expect.unreachable('the id was free');
  expect(await store.load(id)).toEqual(base);
  const updated = await other.update(id, base, { data: 'second', expiresAt: draft.expiresAt });
  expect(await store.load(id)).toEqual(updated.status === 'updated' && updated.record);
  await other.touch(id, draft.expiresAt + 5);
  expect(await store.load(id)).toMatchObject({ data: 'second', expiresAt: draft.expiresAt + 5 });
  await other.delete(id);
  expect(await store.load(id)).toBeNull();
  const again = await other.create(id, { ...draft, data: 'third' });
  expect(await store.load(id)).toEqual(again);
});

test('a store that may remember next to nothing reads its disk each time', async ({ directory }) => {
  const store = patientStore({ directory, maxCachedBytes: 1 });
  await store.create(id, draft);
  for (let times = 0; times < 2; times += 1) {
    const calls = await recordCalls(directory, () => store.load(id));
    expect(calls.map(({ name }) => name)).toEqual(['readdir', 'open', 'handle.read', 'handle.close']);
  }
});

plain('the memory for contents is bounded, and the least recently used make room', () => {
  const cache = new ContentCache(10_000);
  const content = { data: 'x'.repeat(1_000), subject: 'user' };
  let most = 0;
  for (let index = 0; index < 100; index += 1) {
    cache.set(`name-${index}`, content);
    cache.get('name-0');
    most = Math.max(most, cache.bytes);
  }
  // Four of 256 + 2 × (7 + 1,000 + 4) bytes.
  expect(most).toBeLessThanOrEqual(10_000);
  expect(most).toBeGreaterThan(9_000);
  const kept = Array.from({ length: 100 }, (_, index) => index).filter((index) => cache.get(`name-${index}`));
  expect(kept).toEqual([0, 97, 98, 99]);
});

plain(
  'a content that is larger than all the memory for it is not kept, and nothing else is lost from the count',
  () => {
    const cache = new ContentCache(1_000);
    cache.set('small', { data: 'x' });
    cache.set('large', { data: 'x'.repeat(1_000) });
    expect(cache.get('large')).toBeUndefined();
    cache.set('small', { data: 'x' });
    cache.set('small', { data: 'y' });
    expect(cache.bytes).toBe(256 + 2 * 6);
    cache.delete('small');
    cache.delete('small');
    expect(cache.bytes).toBe(0);
  },
);
