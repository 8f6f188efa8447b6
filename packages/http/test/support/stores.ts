import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStore, type SessionStore } from '@stet/core';
import { FileStore } from '@stet/file';
import { onTestFinished } from 'vitest';

/** Stores that need no server; what they keep is gone after the test. */
export const stores: ReadonlyArray<readonly [name: string, open: () => Promise<SessionStore>]> = [
  ['MemoryStore', async () => new MemoryStore()],
  [
    'FileStore',
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'stet-http-'));
      const store = new FileStore({ directory, durability: 'process-crash' });
      onTestFinished(async () => {
        await store.close();
        await rm(directory, { recursive: true, force: true });
      });
      return store;
    },
  ],
];
