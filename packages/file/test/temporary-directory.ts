import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, type TestAPI } from 'vitest';

/** A test with a directory of its own, which is removed with everything in it. */
export const test: TestAPI<{ directory: string }> = base.extend<{ directory: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from the pattern.
  directory: async ({}, use) => {
    const directory = await mkdtemp(join(tmpdir(), 'stet-file-'));
    await use(directory);
    await rm(directory, { recursive: true, force: true });
  },
});
