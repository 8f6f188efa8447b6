import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const worker = fileURLToPath(new URL('full-disk-worker.ts', import.meta.url));

test('SQLite on a disk that is full to any degree does an update whole or refuses it, and the old revision stands', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stet-full-disk-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  // The worker runs where the folder is a file system of 3 MiB: in a mount namespace that ends with it.
  const script = 'mount -t tmpfs -o size=3m none "$2" && exec "$0" "$1" "$2"';
  const namespace = process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  const args = [...namespace, 'sh', '-c', script, process.execPath, worker, folder];
  const outcomes = JSON.parse(execFileSync('unshare', args, { encoding: 'utf8' })) as Record<string, number>;
  expect(Object.keys(outcomes).sort()).toEqual(['STORE_UNAVAILABLE SQLITE_FULL: old', 'updated: new']);
});
