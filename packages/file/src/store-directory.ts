import { randomBytes, randomInt } from 'node:crypto';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSessionId, type OperationKind, StoreError, withinDeadline } from '@stet/core';
import { asStoreError, orMissing } from './disk-error.ts';
import { makeDirectory, renamePatiently, syncDirectory, writeNew } from './durable-write.ts';
import type { Head } from './head-name.ts';
import { type Place, placeIn } from './place.ts';
import { readHead } from './session-directory.ts';

/** A listing of one of the directories at the second level of fan-out. */
export interface Leaf {
  readonly path: string;
  readonly names: readonly string[];
  readonly ids: readonly string[];
}

/** The directory that everything is kept in, made at first use. */
export class StoreDirectory {
  readonly #path: string;
  readonly #sync: boolean;
  readonly #timeoutMs: number;
  #initialised: Promise<void> | undefined;

  constructor(path: string, sync: boolean, timeoutMs: number) {
    this.#path = path;
    this.#sync = sync;
    this.#timeoutMs = timeoutMs;
  }

  /** Two levels of 256 keep every directory small: a million sessions make some fifteen in each leaf. */
  placeOf(id: string): Place {
    return placeIn(join(this.#path, id.slice(0, 2), id.slice(2, 4)), id);
  }

  /** Runs an operation within the deadline. `assertInTime` ends one that would commit, or try again, after its caller left. */
  within<T>(kind: OperationKind, operation: (assertInTime: () => void) => Promise<T>): Promise<T> {
    const endsAt = performance.now() + this.#timeoutMs;
    const assertInTime = (): void => {
      if (performance.now() < endsAt) return;
      const code = kind === 'read' ? 'STORE_TIMEOUT' : 'STORE_UNAVAILABLE';
      throw new StoreError(code, `The call took more than ${this.#timeoutMs} ms. Nothing was changed.`);
    };
    return withinDeadline(this.#timeoutMs, kind, async () => {
      try {
        await this.#initialise();
        return await operation(assertInTime);
      } catch (error) {
        throw asStoreError(error);
      }
    });
  }

  /** The head of a session, or `null` where there is none; which is believed only while the store is there. */
  async headOf({ session }: Place): Promise<Head | null> {
    const head = await readHead(session);
    if (!head) await assertPresent(this.#path);
    return head;
  }

  async *leaves(): AsyncGenerator<Leaf> {
    for (const path of await this.within('read', () => leavesOf(this.#path))) {
      const names = await this.within('read', () => readdir(path));
      yield { path, names, ids: names.filter(isSessionId) };
    }
  }

  #initialise(): Promise<void> {
    this.#initialised ??= initialise(this.#path, this.#sync).catch((error) => {
      this.#initialised = undefined;
      throw error;
    });
    return this.#initialised;
  }
}

const markerName = 'stet-file-store';
const markerText = 'format 1\n';

/**
 * Makes the directory a store, if it is none yet. The marker comes last: where it stands, everything that a session relies on
 * is there and on the disk.
 */
async function initialise(directory: string, sync: boolean): Promise<void> {
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
async function assertPresent(directory: string): Promise<void> {
  if (await orMissing(stat(join(directory, markerName)))) return;
  throw new StoreError('STORE_UNAVAILABLE', `${directory} is no longer there. Is its disk mounted?`);
}

/** All leaves, from a random one on, so that processes that sweep at once seldom meet. */
async function leavesOf(directory: string): Promise<string[]> {
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
