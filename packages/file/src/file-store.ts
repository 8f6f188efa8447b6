import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import {
  assertDraft,
  assertInstant,
  assertSessionId,
  assertSubject,
  type IterableStore,
  type SessionDraft,
  type SessionRecord,
  type StoreCapabilities,
  StoreError,
  type SubjectStore,
  type SweepableStore,
  type SweepOptions,
  type UpdateResult,
} from '@stet/core';
import { orUndo, unlessCorrupt } from './disk-error.ts';
import { abandonDraft, prepareDraft, publishDraft } from './draft-directory.ts';
import type { FileStoreOptions } from './file-store-options.ts';
import type { Head } from './head-name.ts';
import { reapOrphans } from './orphans.ts';
import type { Place } from './place.ts';
import { remove, supersede } from './session-change.ts';
import { replaceHead } from './session-directory.ts';
import { readRecord, recordOf } from './session-record.ts';
import { StoreDirectory } from './store-directory.ts';

/**
 * Keeps sessions in a directory that any number of processes on one machine share. There are no locks: each change is one
 * `rename` or `unlink` of an exact name, so a process that is killed or stopped half-way holds nobody up.
 */
export class FileStore implements IterableStore, SweepableStore, SubjectStore {
  readonly capabilities: StoreCapabilities;
  readonly #directory: StoreDirectory;
  readonly #sync: boolean;
  readonly #now: () => number;
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
    this.#sync = durability === 'power-loss';
    this.#directory = new StoreDirectory(resolve(directory), this.#sync, timeoutMs);
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
    return this.#directory.within('read', async (assertInTime) => {
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
    return this.#directory.within('write', async (assertInTime) => {
      if (!(await this.#vacate(place))) return null;
      const { expiresAt, createdAt = this.#now() } = draft;
      const head = { revision: 1, createdAt, expiresAt, nonce: newNonce() };
      await prepareDraft(place, head, draft, this.#sync);
      const inserted = await orUndo(this.#insert(place, head, assertInTime), () => abandonDraft(place, head));
      return inserted ? recordOf(head, draft) : null;
    });
  }

  async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
    const place = this.#begin(id);
    assertDraft(draft, this.capabilities.maxDataBytes);
    return this.#directory.within('write', async (assertInTime) => {
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
    const place = this.#begin(id);
    assertInstant(expiresAt, 'expiresAt');
    return this.#directory.within('write', async (assertInTime) => {
      for (;;) {
        const head = await this.#liveHead(place);
        if (!head) return false;
        if (expiresAt <= head.expiresAt) return true;
        if (await replaceHead(place.session, head, { ...head, expiresAt }, this.#sync)) return true;
        assertInTime();
      }
    });
  }

  async delete(id: string): Promise<boolean> {
    const place = this.#begin(id);
    return this.#directory.within('write', async (assertInTime) => {
      for (;;) {
        const head = await this.#directory.headOf(place);
        if (!head) return false;
        const wasLive = this.#isLive(head);
        if (await remove(place, head, this.#sync)) return wasLive;
        assertInTime();
      }
    });
  }

  async *entries(): AsyncGenerator<readonly [id: string, record: SessionRecord]> {
    this.#assertOpen();
    for await (const { ids } of this.#directory.leaves()) {
      for (const id of ids) {
        const record = await unlessCorrupt(this.load(id));
        if (record) yield [id, record];
      }
    }
  }

  async deleteExpired({ limit = Number.POSITIVE_INFINITY, signal }: SweepOptions = {}): Promise<number> {
    this.#assertOpen();
    let deleted = 0;
    for await (const { path, names, ids } of this.#directory.leaves()) {
      for (const id of ids) {
        if (deleted >= limit || signal?.aborted) return deleted;
        if (await this.#directory.within('write', () => this.#removeExpired(this.#directory.placeOf(id)))) deleted += 1;
      }
      if (deleted >= limit || signal?.aborted) return deleted;
      await this.#directory.within('write', () => reapOrphans(path, names, this.#sync));
    }
    return deleted;
  }

  /** Reads every record. Its only index is the directory: that costs writers nothing, and is right after any crash. */
  async bySubject(subject: string): Promise<Array<readonly [id: string, record: SessionRecord]>> {
    this.#assertOpen();
    assertSubject(subject);
    const found: Array<readonly [string, SessionRecord]> = [];
    for await (const entry of this.entries()) {
      if (entry[1].subject === subject) found.push(entry);
    }
    return found;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #begin(id: string): Place {
    this.#assertOpen();
    assertSessionId(id);
    return this.#directory.placeOf(id);
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreError('STORE_CLOSED', 'The store was closed.');
  }

  async #liveHead(place: Place): Promise<Head | null> {
    const head = await this.#directory.headOf(place);
    return head && this.#isLive(head) ? head : null;
  }

  #isLive({ expiresAt }: Head): boolean {
    return expiresAt > this.#now();
  }

  /** Whether a new session may take the place. An expired one makes way. */
  async #vacate(place: Place): Promise<boolean> {
    const head = await this.#directory.headOf(place);
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
    const head = await unlessCorrupt(this.#directory.headOf(place));
    return head !== null && !this.#isLive(head) && remove(place, head, this.#sync);
  }
}

function newNonce(): string {
  return randomBytes(16).toString('hex');
}
