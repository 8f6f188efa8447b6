import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { test } from './temporary-directory.ts';

const worker = fileURLToPath(new URL('full-disk-worker.ts', import.meta.url));

/** Runs the worker where the directory is a file system of 2 MiB: in a mount namespace that ends with it. */
function onFullDisk(kind: string, directory: string): Record<string, number> {
  const script = 'mount -t tmpfs -o size=2m,nr_inodes=4k,mode=700 none "$3" && exec "$0" "$1" "$2" "$3"';
  const namespace = process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  const args = [...namespace, 'sh', '-c', script, process.execPath, worker, kind, directory];
  return JSON.parse(execFileSync('unshare', args, { encoding: 'utf8' })) as Record<string, number>;
}

test('on a disk that is full to any degree an update is done whole or refused, and the old revision stands', ({
  directory,
}) => {
  const outcomes = onFullDisk('power-loss', directory);
  expect(Object.keys(outcomes).sort()).toEqual(['STORE_UNAVAILABLE ENOSPC: 0', 'updated: 1']);
});

test('a store that rewrites its files in place is caught by it', ({ directory }) => {
  expect(onFullDisk('naive', directory)).toHaveProperty('ENOSPC: unreadable');
});
