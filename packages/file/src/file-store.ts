import { resolve } from 'node:path';
import {
  assertDraft,
  assertInstant,
  assertSessionId,
  assertSubject,
  type FrontResult,
  type FrontStore,
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
import { unlessCorrupt } from './disk-error.ts';
import { publish } from './draft-directory.ts';
import { type FileStoreOptions, settingsOf } from './file-store-options.ts';
import { type Head, headName } from './head-name.ts';
import { grantLease, isLease, newLease } from './lease.ts';
import { newNonce, timeOf } from './nonce.ts';
import { reapOrphans } from './orphans.ts';
import type { Place } from './place.ts';
import { remove, supersede } from './session-change.ts';
import { replaceHead } from './session-directory.ts';
import { assertRecord, readRecord, recordOf } from './session-record.ts';
import { StoreDirectory } from './store-directory.ts';

/**
 * Keeps sessions in a directory that any number of processes on one machine share. There are no locks: each change is one
 * `rename` or `unlink` of an exact name, so a process that is killed or stopped half-way holds nobody up.
 */
export class FileStore implements IterableStore, SweepableStore, SubjectStore, FrontStore {
  readonly capabilities: StoreCapabilities;
  readonly #directory: StoreDirectory;
  readonly #sync: boolean;
  readonly #leaseMs: number;
  readonly #now: () => number;
  #closed = false;

  constructor(options: FileStoreOptions) {
    const { directory, durability, timeoutMs, maxDataBytes, leaseMs, now } = settingsOf(options);
    this.#sync = durability === 'power-loss';
    this.#directory = new StoreDirectory(resolve(directory), this.#sync, timeoutMs);
    this.#leaseMs = leaseMs;
    this.#now = now;
    this.capabilities = Object.freeze({
      durable: true,
      shared: true,
      iterable: true,
      sweepable: true,
      bySubject: true,
      leasable: true,
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
      for (;;) {
        const found = await this.#directory.headOf(place);
        if (found && this.#isLive(found)) return null;
        if (found) await remove(place, found, this.#sync);
        const { expiresAt, createdAt = this.#now() } = draft;
        const head = { revision: 1, createdAt, expiresAt, generation: 1, nonce: newNonce(this.#now()) };
        const isPublished = await publish({ place, head, content: draft, sync: this.#sync, assertInTime });
        if (isPublished) return recordOf(head, draft);
        assertInTime();
      }
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
          const record = recordOf({ ...head, revision: head.revision + 1, expiresAt }, draft);
          if (await this.#supersede(place, head, record, assertInTime)) return { status: 'updated', record };
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
    for await (const entry of this.entries()) if (entry[1].subject === subject) found.push(entry);
    return found;
  }

  /** `storedAt` is the last write of data. A touch leaves it: an entry may pass for older than it is, never for younger. */
  async loadOrLease(id: string): Promise<FrontResult> {
    const place = this.#begin(id);
    return this.#directory.within('write', async (assertInTime) => {
      for (;;) {
        const head = await this.#directory.headOf(place);
        if (!head || this.#isOver(head)) {
          if (head) await remove(place, head, this.#sync);
          const lease = newLease(this.#now(), this.#leaseMs);
          const isGranted = await grantLease(place, lease, this.#sync, assertInTime);
          if (isGranted) return { status: 'leased', token: headName(lease) };
        } else {
          if (isLease(head)) return { status: 'busy' };
          const record = await readRecord(place, head);
          if (record) return { status: 'hit', record, token: headName(head), storedAt: timeOf(head.nonce) };
        }
        assertInTime();
      }
    });
  }

  async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
    const place = this.#begin(id);
    assertRecord(record, this.capabilities.maxDataBytes);
    return this.#directory.within('write', async (assertInTime) => {
      const head = await this.#directory.headOf(place);
      // A token is compared with the name that is there, and never becomes a part of a path.
      if (!head || headName(head) !== token || this.#isOver(head)) return null;
      const next = await this.#supersede(place, head, record, assertInTime);
      return next && headName(next);
    });
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

  #isLive(head: Head): boolean {
    return !isLease(head) && !this.#isOver(head);
  }

  /** Of a lease: whether it has run out. */
  #isOver({ expiresAt }: Head): boolean {
    return expiresAt <= this.#now();
  }

  /** Makes the record the next state of the session, and resolves to its head. `null`: another change came first, or the end. */
  async #supersede(place: Place, head: Head, record: SessionRecord, assertInTime: () => void): Promise<Head | null> {
    const { revision, createdAt, expiresAt } = record;
    const next = { revision, createdAt, expiresAt, generation: head.generation + 1, nonce: newNonce(this.#now()) };
    const mayCommit = (): boolean => {
      assertInTime();
      return !this.#isOver(head);
    };
    return (await supersede({ place, head, next, content: record, sync: this.#sync, mayCommit })) ? next : null;
  }

  /** A lease that ran out goes as well, but was nothing that anybody counts. */
  async #removeExpired(place: Place): Promise<boolean> {
    const head = await unlessCorrupt(this.#directory.headOf(place));
    return head !== null && this.#isOver(head) && (await remove(place, head, this.#sync)) && !isLease(head);
  }
}
