import { randomBytes } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StoreError } from '@stet/core';
import { isDiskError, orMissing } from '../disk/disk-error.ts';
import { writeNew } from '../disk/new-file.ts';
import { renamePatiently } from '../disk/patient-rename.ts';
import { syncDirectory } from '../disk/synced-directory.ts';
import { together } from '../disk/together.ts';
import { assertLocal } from './local.ts';
import { leafNames } from './place.ts';
import { assertPrivate } from './private.ts';
import { refused } from './refusal.ts';

const markerName = 'stet-file-store';
const markerText = 'format 1\n';

/**
 * Makes the directory a store, if it is none yet. The marker comes last: where it stands, everything that a session
 * relies on is there and on the disk.
 */
export async function makeStore(directory: string, sync: boolean): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await together(assertPrivate(directory), assertLocal(directory));
  const marker = join(directory, markerName);
  const found = await orMissing(readFile(marker, 'utf8'));
  if (found === markerText) return;
  if (found !== null) {
    throw refused(
      directory,
      'was written in another format than this version reads',
      'Use the version that wrote it, or name another directory.',
    );
  }
  await together(...leafNames.map((leaf) => makeDirectory(join(directory, leaf))));
  const draft = `${marker}.${randomBytes(16).toString('hex')}`;
  await writeNew(draft, Buffer.from(markerText), sync);
  if (sync) await syncAbove(directory);
  await renamePatiently(draft, marker);
  if (sync) await syncDirectory(directory);
}

/** A directory that vanished (a disk that was unmounted) is an outage: what is missing from it is not gone. */
export async function assertPresent(directory: string): Promise<void> {
  if (await orMissing(stat(join(directory, markerName)))) return;
  throw new StoreError('STORE_UNAVAILABLE', `${directory} is no longer there. Is its disk mounted?`);
}

/**
 * Syncs the names of the directories that lead to this one, up to where its file system is mounted. Any of them may be
 * new: this process made it, or another one that was killed before it could sync it.
 */
async function syncAbove(directory: string): Promise<void> {
  const { dev } = await stat(directory);
  for (let path = dirname(directory); (await stat(path)).dev === dev; path = dirname(path)) {
    try {
      await syncDirectory(path);
    } catch (error) {
      // A directory that this user cannot read was made by somebody else.
      if (!isDiskError(error, 'EACCES')) throw error;
    }
    if (path === dirname(path)) return;
  }
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, 0o700);
  } catch (error) {
    if (!isDiskError(error, 'EEXIST')) throw error;
  }
}
