import { statSync } from 'node:fs';
import { idOf } from '@stet/core';
import { describe, expect } from 'vitest';
import { diskError, interceptDisk, recordCalls } from './disk-interception.ts';
import { patientStore } from './patient-store.ts';
import { test } from './temporary-directory.ts';

const id = idOf('a');
const draft = { data: '{}', expiresAt: Date.UTC(2100, 0) };

/** What becomes of a write when its k-th fsync (from 0) fails. */
async function outcome(directory: string, k: number, write: () => Promise<unknown>): Promise<unknown> {
  let syncs = 0;
  const restore = interceptDisk(directory, async (call, proceed) => {
    if (call.name === 'handle.sync' && syncs++ === k) throw diskError('EIO', call);
    return proceed();
  });
  return write()
    .then(
      () => 'done',
      ({ code }) => code,
    )
    .finally(restore);
}

describe('no failed fsync is passed over in silence', () => {
  test('of a creation', async ({ directory }) => {
    const store = patientStore({ directory });
    await store.load(id);
    const outcomes: unknown[] = [];
    for (let k = 0; k < 5; k += 1) {
      const ownId = idOf(`${k}`);
      outcomes.push(await outcome(directory, k, () => store.create(ownId, draft)));
    }
    // The content, its name, the name of the head, and the commit; there is no fifth.
    expect(outcomes).toEqual([...Array(3).fill('STORE_UNAVAILABLE'), 'STORE_AMBIGUOUS', 'done']);
  });

  test('of an update', async ({ directory }) => {
    const store = patientStore({ directory });
    const record = await store.create(id, draft);
    if (!record) expect.unreachable('the id was free');
    const outcomes: unknown[] = [];
    for (let k = 0; k < 3; k += 1) {
      outcomes.push(await outcome(directory, k, () => store.update(id, record, { ...draft, data: `${k}` })));
    }
    // The content, the name of the content, and the commit.
    expect(outcomes).toEqual(['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE', 'STORE_AMBIGUOUS']);
  });

  test('of a lease, and of the record that fills it', async ({ directory }) => {
    const store = patientStore({ directory });
    await store.load(id);
    let token = '';
    const lease = async (): Promise<void> => {
      const entry = await store.loadOrLease(id);
      if (entry.status === 'leased') token = entry.token;
    };
    const record = { ...draft, revision: 7, createdAt: 1 };
    const outcomes: unknown[] = [];
    outcomes.push(await outcome(directory, 0, lease));
    for (let k = 0; k < 3; k += 1) {
      outcomes.push(await outcome(directory, k, () => store.replaceIf(id, token, record)));
    }
    // Of a lease nothing; of the record as of an update.
    expect(outcomes).toEqual(['done', ...Array(2).fill('STORE_UNAVAILABLE'), 'STORE_AMBIGUOUS']);
    expect(await store.load(id)).toEqual(record);
  });
});

test("'process-crash' leaves syncing to the operating system", async ({ directory }) => {
  const store = patientStore({ directory, durability: 'process-crash' });
  const calls = await recordCalls(directory, async () => {
    const record = await store.create(id, draft);
    if (record) await store.update(id, record, draft);
    await store.touch(id, draft.expiresAt + 1);
    await store.delete(id);
  });
  expect(calls.filter(({ name }) => name === 'handle.sync')).toEqual([]);
});

test('a directory that cannot be synced is no failure', async ({ directory }) => {
  const store = patientStore({ directory });
  const restore = interceptDisk(directory, async (call, proceed) => {
    if (call.name === 'handle.sync' && statSync(call.path).isDirectory()) throw diskError('EINVAL', call);
    return proceed();
  });
  try {
    expect(await store.create(id, draft)).toMatchObject(draft);
    expect(await store.touch(id, draft.expiresAt + 1)).toBe(true);
  } finally {
    restore();
  }
});
