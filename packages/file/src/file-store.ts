import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  assertDraft,
  assertInstant,
  assertSessionId,
  assertSubject,
  type IterableStore,
  isSessionId,
  type OperationKind,
  type SessionDraft,
  type SessionRecord,
  type StoreCapabilities,
  StoreError,
  type SubjectStore,
  type SweepableStore,
  type SweepOptions,
  type UpdateResult,
  withinDeadline,
} from '@stet/core';
import { asStoreError, orUndo, unlessCorrupt } from './disk-error.ts';
import { abandonDraft, prepareDraft, publishDraft } from './draft-directory.ts';
import type { FileStoreOptions } from './file-store-options.ts';
import type { Head } from './head-name.ts';
import { reapOrphans } from './orphans.ts';
import { type Place, placeOf } from './place.ts';
import { remove, supersede } from './session-change.ts';
import { readHead, replaceHead } from './session-directory.ts';
import { readRecord, recordOf } from './session-record.ts';
import { assertPresent, initialise, leavesOf, makeDirectory } from './store-directory.ts';

/**
 * Keeps sessions in a directory that any number of processes on one machine share. There are no locks: each change is one
 * `rename` or `unlink` of an exact name, so a process that is killed or stopped half-way holds nobody up.
 */
export class FileStore implements IterableStore, SweepableStore, SubjectStore {
  readonly capabilities: StoreCapabilities;
  readonly #directory: string;
  readonly #sync: boolean;
  readonly #timeoutMs: number;
  readonly #now: () => number;
  #initialised: Promise<void> | undefined;
  #closed = false;

  constructor({
    directory,
    durability = 'power-loss',
    timeoutMs = 5_000,
    maxDataBytes = 1_048_576,
    now = Date.now,
  }: FileStoreOptions) {
    if (typeof directory !== 'string' || directory === '') throw new TypeError('directory is the path of a directory.');
    if (durability !== 'power-loss' && durability !== 'process-crash') {
      throw new TypeError("durability is 'power-loss' or 'process-crash'.");
    }
    this.#directory = resolve(directory);
    this.#sync = durability === 'power-loss';
    this.#timeoutMs = timeoutMs;
    this.#now = now;
    this.capabilities = Object.freeze({
      durable: true,
      shared: true,
      iterable: true,
      sweepable: true,
      bySubject: true,
      leasable: false,
      expiryGranularityMs: 1,
      maxDataBytes,
    });
  }

  async load(id: string): Promise<SessionRecord | null> {
    const place = this.#begin(id);
    return this.#within('read', async (assertInTime) => {
      for (;;) {
        const head = await this.#liveHead(place);
        if (!head) return null;
        const record = await readRecord(place, head);
        if (record) return record;
        assertInTime();
      }
    });
  }

  async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
    const place = this.#begin(id);
    assertDraft(draft, this.capabilities.maxDataBytes);
    return this.#within('write', async (assertInTime) => {
      if (!(await this.#vacate(place))) return null;
      const { expiresAt, createdAt = this.#now() } = draft;
      const head = { revision: 1, createdAt, expiresAt, nonce: newNonce() };
      await makeDirectory(place.leaf);
      await prepareDraft(place, head, draft, this.#sync);
      const inserted = await orUndo(this.#insert(place, head, assertInTime), () => abandonDraft(place, head));
      return inserted ? recordOf(head, draft) : null;
    });
  }

  async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
    const place = this.#begin(id);
    assertDraft(draft, this.capabilities.maxDataBytes);
    return this.#within('write', async (assertInTime) => {
      for (;;) {
        const head = await this.#liveHead(place);
        if (!head) return { status: 'gone' };
        if (head.revision !== base.revision) {
          const current = await readRecord(place, head);
          if (current) return { status: 'conflict', current };
        } else {
          const expiresAt = draft.expiresAt === base.expiresAt ? head.expiresAt : draft.expiresAt;
          const next = { ...head, revision: head.revision + 1, expiresAt, nonce: newNonce() };
          const mayCommit = (): boolean => {
            assertInTime();
            return this.#isLive(head);
          };
          if (await supersede({ place, head, next, content: draft, sync: this.#sync, mayCommit })) {
            return { status: 'updated', record: recordOf(next, draft) };
          }
        }
        assertInTime();
      }
    });
  }

  async touch(id: string, expiresAt: number): Promise<boolean> {
    const { session } = this.#begin(id);
    assertInstant(expiresAt, 'expiresAt');
    return this.#within('write', async (assertInTime) => {
      for (;;) {
        const head = await this.#liveHead({ session });
        if (!head) return false;
        if (expiresAt <= head.expiresAt) return true;
        if (await replaceHead(session, head, { ...head, expiresAt }, this.#sync)) return true;
        assertInTime();
      }
    });
  }

  async delete(id: string): Promise<boolean> {
    const place = this.#begin(id);
    return this.#within('write', async (assertInTime) => {
      for (;;) {
        const head = await this.#head(place);
        if (!head) return false;
        const wasLive = this.#isLive(head);
        if (await remove(place, head, this.#sync)) return wasLive;
        assertInTime();
      }
    });
  }

  async *entries(): AsyncGenerator<readonly [id: string, record: SessionRecord]> {
    this.#assertOpen();
    for await (const { ids } of this.#leaves()) {
      for (const id of ids) {
        const record = await this.load(id);
        if (record) yield [id, record];
      }
    }
  }

  async deleteExpired({ limit = Number.POSITIVE_INFINITY, signal }: SweepOptions = {}): Promise<number> {
    this.#assertOpen();
    let deleted = 0;
    for await (const { leaf, names, ids } of this.#leaves()) {
      for (const id of ids) {
        if (deleted >= limit || signal?.aborted) return deleted;
        if (await this.#within('write', () => this.#removeExpired(placeOf(this.#directory, id)))) deleted += 1;
      }
      if (deleted >= limit || signal?.aborted) return deleted;
      await this.#within('write', () => reapOrphans(leaf, names, this.#sync));
    }
    return deleted;
  }

  /** Reads every record: a directory has no index that is right after a crash and costs its writers nothing. One that cannot be read is nobody's. */
  async bySubject(subject: string): Promise<Array<readonly [id: string, record: SessionRecord]>> {
    this.#assertOpen();
    assertSubject(subject);
    const found: Array<readonly [string, SessionRecord]> = [];
    for await (const { ids } of this.#leaves()) {
      for (const id of ids) {
        const record = await unlessCorrupt(this.load(id));
        if (record?.subject === subject) found.push([id, record]);
      }
    }
    return found;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #begin(id: string): Place {
    this.#assertOpen();
    assertSessionId(id);
    return placeOf(this.#directory, id);
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreError('STORE_CLOSED', 'The store was closed.');
  }

  /** Runs an operation within the deadline; `assertInTime` ends it where it would commit or try again after the caller has left. */
  #within<T>(kind: OperationKind, operation: (assertInTime: () => void) => Promise<T>): Promise<T> {
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

  #initialise(): Promise<void> {
    this.#initialised ??= initialise(this.#directory, this.#sync).catch((error) => {
      this.#initialised = undefined;
      throw error;
    });
    return this.#initialised;
  }

  async #head({ session }: Pick<Place, 'session'>): Promise<Head | null> {
    const head = await readHead(session);
    if (!head) await assertPresent(this.#directory);
    return head;
  }

  async #liveHead(place: Pick<Place, 'session'>): Promise<Head | null> {
    const head = await this.#head(place);
    return head && this.#isLive(head) ? head : null;
  }

  #isLive({ expiresAt }: Head): boolean {
    return expiresAt > this.#now();
  }

  /** Whether a new session may take the place. An expired one makes way. */
  async #vacate(place: Place): Promise<boolean> {
    const head = await this.#head(place);
    if (head && this.#isLive(head)) return false;
    if (head) await remove(place, head, this.#sync);
    return true;
  }

  /** `false`: a live session has the place. */
  async #insert(place: Place, head: Head, assertInTime: () => void): Promise<boolean> {
    do {
      assertInTime();
      if (await publishDraft(place, head, this.#sync)) return true;
    } while (await this.#vacate(place));
    return false;
  }

  async #removeExpired(place: Place): Promise<boolean> {
    const head = await unlessCorrupt(this.#head(place));
    return head !== null && !this.#isLive(head) && remove(place, head, this.#sync);
  }

  async *#leaves(): AsyncGenerator<{ leaf: string; names: string[]; ids: string[] }> {
    const leaves = await this.#within('read', () => leavesOf(this.#directory));
    for (const leaf of leaves) {
      const names = await this.#within('read', () => readdir(leaf));
      yield { leaf, names, ids: names.filter(isSessionId) };
    }
  }
}

function newNonce(): string {
  return randomBytes(16).toString('hex');
}
