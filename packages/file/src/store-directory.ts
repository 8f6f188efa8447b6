import { randomBytes, randomInt } from 'node:crypto';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '@stet/core';
import { isDiskError, orMissing } from './disk-error.ts';
import { renamePatiently, syncDirectory, writeNew } from './durable-write.ts';

const markerName = 'stet-file-store';
const markerText = 'format 1\n';

/**
 * Makes the directory a store, if it is none yet. The marker comes last: where it stands, everything that a session relies on
 * is there and on the disk.
 */
export async function initialise(directory: string, sync: boolean): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const marker = join(directory, markerName);
  const found = await orMissing(readFile(marker, 'utf8'));
  if (found === markerText) return;
  if (found !== null) {
    throw new StoreError('STORE_UNAVAILABLE', `${directory} was written in another format than this version reads.`, {
      retryable: false,
    });
  }
  await Promise.all(branches.map((branch) => makeDirectory(join(directory, branch))));
  const draft = `${marker}.${randomBytes(16).toString('hex')}`;
  await writeNew(draft, Buffer.from(markerText), sync);
  if (sync) await syncDirectory(directory);
  await renamePatiently(draft, marker);
  if (sync) await syncDirectory(directory);
}

/** A directory that vanished (a disk that was unmounted) is an outage: what is missing from it is not gone. */
export async function assertPresent(directory: string): Promise<void> {
  if (await orMissing(stat(join(directory, markerName)))) return;
  throw new StoreError('STORE_UNAVAILABLE', `${directory} is no longer there. Is its disk mounted?`);
}

/** Makes a directory that may be there already. Its parent has to be there. */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, 0o700);
  } catch (error) {
    if (!isDiskError(error, 'EEXIST')) throw error;
  }
}

/** All leaves, from a random one on, so that processes that sweep at once seldom meet. */
export async function leavesOf(directory: string): Promise<string[]> {
  await assertPresent(directory);
  const start = randomInt(branches.length);
  const leaves: string[] = [];
  for (const branch of [...branches.slice(start), ...branches.slice(0, start)]) {
    const names = await readdir(join(directory, branch));
    leaves.push(...names.filter((name) => branches.includes(name)).map((name) => join(directory, branch, name)));
  }
  return leaves;
}

/** The names on either level of fan-out: `00` to `ff`. */
const branches: readonly string[] = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));
