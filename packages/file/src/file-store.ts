import { resolve } from 'node:path';
import {
  AbstractStore,
  type Deadline,
  type FrontResult,
  type IdAndRecord,
  isSessionId,
  recordAfter,
  type SessionChange,
  type SessionRecord,
  type StoreError,
  type UpdateResult,
} from '@stet/core';
import { isLease, newLease } from './change/lease.ts';
import { reapOrphans } from './change/orphans.ts';
import { publish } from './change/publish.ts';
import { remove, supersede } from './change/supersede.ts';
import { ContentFiles, contentName, idsOfSubject } from './content/content-files.ts';
import { subjectDigest } from './content/content-key.ts';
import type { Place } from './directory/place.ts';
import { StoreDirectory } from './directory/store-directory.ts';
import { diskFailure, unlessCorrupt } from './disk/disk-error.ts';
import { together } from './disk/together.ts';
import { type FileStoreOptions, settingsOf } from './file-store-options.ts';
import { type Head, headName, headOf } from './head/head-name.ts';
import { newNonce, timeOf } from './head/nonce.ts';
import { replaceHead } from './head/session-directory.ts';
import { readRecord } from './session-record.ts';

/** So many sessions of a listing are read at once. */
const sessionsAtOnce = 64;

/**
 * Keeps sessions in a directory that any number of processes on one machine share. There are no locks: each change is
 * one `rename` or `unlink` of an exact name, so a process that is killed or stopped half-way holds nobody up.
 */
export class FileStore extends AbstractStore {
  readonly #directory: StoreDirectory;
  readonly #contents: ContentFiles;
  readonly #leaseMs: number;

  constructor(options: FileStoreOptions) {
    const { directory, durability, maxCachedBytes, leaseMs, ...shared } = settingsOf(options);
    super({ durable: true, shared: true, ...shared });
    const sync = durability === 'power-loss';
    this.#directory = new StoreDirectory(resolve(directory), sync);
    this.#contents = new ContentFiles(sync, maxCachedBytes);
    this.#leaseMs = leaseMs;
  }

  protected override async _load(id: string, deadline: Deadline): Promise<SessionRecord | null> {
    const place = await this.#directory.placeOf(id);
    return (await this.#find(place, deadline))?.record ?? null;
  }

  /**
   * Most ids are free: that one is not shows when its place is taken, and asking first would be one more call to the
   * disk.
   */
  protected override async _create(id: string, record: SessionRecord, deadline: Deadline): Promise<boolean> {
    const place = await this.#directory.placeOf(id);
    for (;;) {
      const head = headOf(record, 1, newNonce(this.now()));
      if (await publish({ place, head, content: record, contents: this.#contents, deadline })) return true;
      const found = await this.#directory.headOf(place);
      if (found && this.#isLive(found)) return false;
      if (found) await remove(place, found, this.#contents);
      deadline.assertAhead();
    }
  }

  protected override async _update(
    id: string,
    { revision }: SessionRecord,
    change: SessionChange,
    deadline: Deadline,
  ): Promise<UpdateResult> {
    const place = await this.#directory.placeOf(id);
    for (;;) {
      const found = await this.#find(place, deadline);
      if (!found) return { status: 'gone' };
      if (found.record.revision !== revision) return { status: 'conflict', current: found.record };
      const record = recordAfter(found.record, change);
      if (await this.#supersede(place, found.head, record, deadline)) return { status: 'updated', record };
      deadline.assertAhead();
    }
  }

  protected override async _touch(id: string, expiresAt: number, deadline: Deadline): Promise<boolean> {
    const place = await this.#directory.placeOf(id);
    for (;;) {
      const head = await this.#directory.headOf(place);
      if (!head || !this.#isLive(head)) return false;
      if (expiresAt <= head.expiresAt) return true;
      if (await replaceHead(place.session, head, { ...head, expiresAt }, this.#contents.sync)) return true;
      deadline.assertAhead();
    }
  }

  /** There is one head, unless somebody has put others there: then the session cannot be read, and all of them go. */
  protected override async _delete(id: string, deadline: Deadline): Promise<boolean> {
    const place = await this.#directory.placeOf(id);
    for (let hasEnded = false; ; deadline.assertAhead()) {
      const heads = await this.#directory.headsOf(place);
      const live = heads.map((head) => this.#isLive(head));
      const removed = await together(...heads.map((head) => remove(place, head, this.#contents)));
      hasEnded ||= live.some((wasLive, index) => wasLive && removed[index]);
      if (removed.every(Boolean)) return hasEnded;
    }
  }

  protected override async *_entries(deadline: Deadline): AsyncGenerator<IdAndRecord[]> {
    for await (const leaves of this.#directory.leaves()) {
      yield* this.#pages(
        leaves.flatMap(({ names }) => names.filter(isSessionId)),
        deadline,
      );
    }
  }

  /** The contents of a subject's sessions are in one leaf, and their names tell whose they are. */
  protected override async *_bySubject(subject: string, deadline: Deadline): AsyncGenerator<IdAndRecord[]> {
    const digest = subjectDigest(subject);
    const { names } = await this.#directory.leafOfSubject(digest);
    yield* this.#pages(idsOfSubject(names, digest), deadline);
  }

  protected override async *_deleteExpired(limit: number): AsyncGenerator<number> {
    let left = limit;
    for await (const leaves of this.#directory.leaves()) {
      const ids = leaves.flatMap(({ names }) => names.filter(isSessionId));
      const inUse = new Set<string>();
      while (ids.length > 0 && left > 0) {
        const some = ids.splice(0, Math.min(left, sessionsAtOnce));
        const deleted = (await together(...some.map((id) => this.#sweep(id, inUse)))).filter(Boolean).length;
        left -= deleted;
        yield deleted;
      }
      if (left === 0) return;
      const reaping = { directory: this.#directory, contents: this.#contents, now: this.now(), inUse };
      for (const leaf of leaves) await reapOrphans(leaf, reaping);
      yield 0;
    }
  }

  /**
   * `storedAt` is the last write of data. A touch leaves it: an entry may pass for older than it is, never for younger.
   */
  protected override async _loadOrLease(id: string, deadline: Deadline): Promise<FrontResult> {
    const place = await this.#directory.placeOf(id);
    for (;;) {
      const head = await this.#directory.headOf(place);
      if (!head || this.#isOver(head)) {
        if (head) await remove(place, head, this.#contents);
        const lease = newLease(this.now(), this.#leaseMs);
        const isGranted = await publish({ place, head: lease, content: null, contents: this.#contents, deadline });
        if (isGranted) return { status: 'leased', token: headName(lease) };
      } else {
        if (isLease(head)) return { status: 'busy' };
        const record = await readRecord(place, head, this.#contents);
        if (record) return { status: 'hit', record, token: headName(head), storedAt: timeOf(head.nonce) };
      }
      deadline.assertAhead();
    }
  }

  protected override async _replaceIf(
    id: string,
    token: string,
    record: SessionRecord,
    deadline: Deadline,
  ): Promise<string | null> {
    const place = await this.#directory.placeOf(id);
    const head = await this.#directory.headOf(place);
    // A token is compared with the name that is there, and never becomes a part of a path.
    if (!head || headName(head) !== token || this.#isOver(head)) return null;
    const next = await this.#supersede(place, head, record, deadline);
    return next && headName(next);
  }

  protected override _failure(error: unknown): StoreError | undefined {
    return diskFailure(error);
  }

  /** The live record of a place, with the head that it was read under. */
  async #find(place: Place, deadline: Deadline): Promise<{ head: Head; record: SessionRecord } | null> {
    for (;;) {
      const head = await this.#directory.headOf(place);
      if (!head || !this.#isLive(head)) return null;
      const record = await readRecord(place, head, this.#contents);
      if (record) return { head, record };
      deadline.assertAhead();
    }
  }

  #isLive(head: Head): boolean {
    return !isLease(head) && !this.#isOver(head);
  }

  /** Of a lease: whether it has run out. */
  #isOver({ expiresAt }: Head): boolean {
    return expiresAt <= this.now();
  }

  /**
   * Makes the record the next state of the session, and resolves to its head. `null`: another change came first, or the
   * end.
   */
  async #supersede(place: Place, head: Head, record: SessionRecord, deadline: Deadline): Promise<Head | null> {
    const next = headOf(record, head.generation + 1, newNonce(this.now()));
    const mayCommit = (): boolean => !this.#isOver(head);
    const change = { place, head, next, content: record, contents: this.#contents, deadline, mayCommit };
    return (await supersede(change)) ? next : null;
  }

  /**
   * The records of the ids that still have one, some at a time. What cannot be read is left out, and hides no other.
   */
  async *#pages(ids: readonly string[], deadline: Deadline): AsyncGenerator<IdAndRecord[]> {
    const load = async (id: string): Promise<IdAndRecord[]> => {
      const record = await unlessCorrupt(this._load(id, deadline));
      return record ? [[id, record]] : [];
    };
    for (let at = 0; at < ids.length; at += sessionsAtOnce) {
      yield (await together(...ids.slice(at, at + sessionsAtOnce).map(load))).flat();
    }
  }

  /**
   * Removes a session that has expired: `true`. A lease that ran out goes as well, but was nothing that anybody counts.
   */
  async #sweep(id: string, inUse: Set<string>): Promise<boolean> {
    const place = await this.#directory.placeOf(id);
    const head = await unlessCorrupt(this.#directory.headOf(place));
    if (head && this.#isOver(head)) return (await remove(place, head, this.#contents)) && !isLease(head);
    if (head) inUse.add(contentName(id, head));
    return false;
  }
}
