import {
  AbstractStore,
  type Deadline,
  type FrontResult,
  type IdAndRecord,
  isStoreError,
  type OperationKind,
  recordAfter,
  reportCorruptRecord,
  type SessionChange,
  type SessionRecord,
  StoreError,
  type UpdateResult,
} from '@stet/core';
import { read } from './client/once-more.ts';
import type { RedisClient } from './client/redis-client.ts';
import { redisFailure } from './client/redis-error.ts';
import { encodeBody, encodeNumbers, entryIn, field, noListing, recordIn } from './entry.ts';
import { sessionIds } from './listing/session-ids.ts';
import { indexKey, isOlder, listed, listingFor, listThenWrite, takeOut } from './listing/subject-index.ts';
import { newNonce } from './nonce.ts';
import { assertOptions, type Durability, type RedisStoreOptions } from './redis-store-options.ts';
import { runScript, type ScriptReply } from './scripts/run-script.ts';
import type { Script } from './scripts/script.ts';
import * as scripts from './scripts/session-scripts.ts';

/** A command that is sent again later than that finds no mark any more. */
const shortestLingerMs = 60_000;

/**
 * Keeps sessions in Redis: one string for each. A load is one `GET`, a write one script on one key, so that it works on
 * a single server, behind Sentinel and in a cluster alike. Redis removes expired sessions by itself.
 */
export class RedisStore extends AbstractStore {
  readonly #client: RedisClient;
  readonly #prefix: string;
  readonly #leaseMs: number;
  readonly #lingerMs: number;
  readonly #durability: Durability | undefined;

  constructor(options: RedisStoreOptions) {
    const { client, prefix = 'sess:', timeoutMs = 5_000, maxDataBytes = 1_048_576, leaseMs = 5_000, now } = options;
    assertOptions(options);
    super({ durable: true, shared: true, maxDataBytes, timeoutMs, now });
    this.#client = client;
    this.#prefix = prefix;
    this.#leaseMs = leaseMs;
    this.#lingerMs = Math.max(shortestLingerMs, 2 * timeoutMs);
    this.#durability = options.durability;
  }

  protected override _load(id: string, deadline: Deadline): Promise<SessionRecord | null> {
    return this.#find(id, deadline);
  }

  protected override async _create(id: string, record: SessionRecord, deadline: Deadline): Promise<boolean> {
    const numbers = encodeNumbers(record, this.now());
    const run = this.#prepare(scripts.create, id, deadline);
    const body = encodeBody(record);
    const { status } = await this.#listed(id, record, deadline, (listing) =>
      run(field(record.expiresAt), numbers + (listing || noListing), body),
    );
    return status === 'created';
  }

  protected override async _update(
    id: string,
    base: SessionRecord,
    change: SessionChange,
    deadline: Deadline,
  ): Promise<UpdateResult> {
    const { subject, revision, keepsExpiry } = change;
    const before = revision - 1;
    const ends = keepsExpiry ? '' : field(change.expiresAt);
    const body = encodeBody(change);
    const run = this.#prepare(scripts.update, id, deadline);
    const write = (listing: string): Promise<ScriptReply> => run(field(before), field(revision), ends, listing, body);
    let reply = await (subject === base.subject ? write('') : this.#listed(id, change, deadline, write));
    while (reply.status === 'unlisted') {
      reply = await this.#listed(id, { subject, expiresAt: Number(reply.found[0]) }, deadline, write);
    }
    const { status, found, repeated } = reply;
    if (status === 'updated') {
      const [createdAt, expiresAt, ...left] = found;
      this.#takeOut(id, left);
      const stored = { ...base, createdAt: Number(createdAt), expiresAt: Number(expiresAt) };
      return { status, record: recordAfter(stored, change) };
    }
    const current = status === 'conflict' ? entryIn(found[0]).record : null;
    const beatenBy = current ? current.revision : Number(found[0] || revision);
    // Only an update from the same base proves that this one was not done before.
    if (repeated && beatenBy !== revision && beatenBy !== before) {
      throw new StoreError('STORE_AMBIGUOUS', 'The update may be among those that were made since.');
    }
    return current ? { status: 'conflict', current } : { status: 'gone' };
  }

  protected override async _touch(id: string, expiresAt: number, deadline: Deadline): Promise<boolean> {
    const run = this.#prepare(scripts.touch, id, deadline);
    let reply = await run(field(expiresAt), '', '');
    while (reply.status === 'unlisted') {
      const [, subject = ''] = reply.found;
      reply = await this.#listed(id, { subject, expiresAt }, deadline, (listing) =>
        run(field(expiresAt), subject, listing),
      );
    }
    return reply.status === 'touched';
  }

  protected override async _delete(id: string, deadline: Deadline): Promise<boolean> {
    const { status, found } = await this.#prepare(scripts.remove, id, deadline)();
    this.#takeOut(id, found);
    return status === 'deleted';
  }

  /** In a cluster, a record whose slot moves to another node meanwhile may be missed. */
  protected override async *_entries(deadline: Deadline): AsyncGenerator<IdAndRecord[]> {
    for await (const ids of sessionIds(this.#client, this.#prefix, deadline)) {
      const records = await this.#records(ids, deadline);
      yield ids.flatMap((id, at) => {
        const record = records[at];
        return record ? [[id, record] as const] : [];
      });
    }
  }

  protected override async *_bySubject(subject: string, deadline: Deadline): AsyncGenerator<IdAndRecord[]> {
    const key = indexKey(this.#prefix, subject);
    const seen = new Set<string>();
    for await (const listings of listed(this.#client, key, deadline)) {
      const page: IdAndRecord[] = [];
      const ended: Array<readonly [id: string, listing: string]> = [];
      const records = await this.#records(
        listings.map(([id]) => id),
        deadline,
      );
      const now = this.now();
      for (const [at, [id, listing]] of listings.entries()) {
        const record = records[at];
        if (record?.subject === subject && record.expiresAt > now) {
          if (!seen.has(id)) page.push([id, record]);
          seen.add(id);
        } else if (record !== undefined && isOlder(Number(listing), this.#lingerMs, now)) {
          ended.push([id, listing]);
        }
      }
      if (ended.length > 0) await takeOut(this.#client, key, ended).catch(() => {});
      yield page;
    }
  }

  protected override async _loadOrLease(id: string, deadline: Deadline): Promise<FrontResult> {
    const until = field(this.now() + this.#leaseMs);
    const run = this.#prepare(scripts.lease, id, deadline, true);
    const { status, found, nonce } = await run(until, String(this.#leaseMs));
    if (status === 'hit') return { status, ...entryIn(found[0]) };
    return status === 'leased' ? { status, token: nonce } : { status: 'busy' };
  }

  protected override async _replaceIf(
    id: string,
    token: string,
    record: SessionRecord,
    deadline: Deadline,
  ): Promise<string | null> {
    const numbers = encodeNumbers(record, this.now());
    const body = encodeBody(record);
    const run = this.#prepare(scripts.replace, id, deadline);
    const { status, found, nonce } = await this.#listed(id, record, deadline, (listing) =>
      run(token, field(record.expiresAt), numbers, listing || noListing, body),
    );
    if (status !== 'replaced') return null;
    this.#takeOut(id, found);
    return nonce;
  }

  protected override _failure(error: unknown, kind: OperationKind): StoreError | undefined {
    return redisFailure(error, kind);
  }

  #find(id: string, deadline: Deadline): Promise<SessionRecord | null> {
    return read(this.#client, deadline, 'GET', this.#prefix + id).then((value) => recordIn(value as string | null));
  }

  /** A call of a script for a session: with one nonce, however often it is run. */
  #prepare(
    script: Script,
    id: string,
    deadline: Deadline,
    renews = false,
  ): (...args: string[]) => Promise<ScriptReply> {
    const nonce = newNonce();
    const common = [field(this.now()), String(this.#lingerMs)] as const;
    const key = this.#prefix + id;
    const durability = this.#durability;
    return (...args) => runScript(this.#client, { script, key, nonce, renews, common, args, durability }, deadline);
  }

  /**
   * Lists a session by its subject and writes it, with that listing. Without a subject, or at its end, it has none
   * (`''`).
   */
  #listed(
    id: string,
    { subject, expiresAt }: { readonly subject?: string | undefined; readonly expiresAt: number },
    deadline: Deadline,
    write: (listing: string) => Promise<ScriptReply>,
  ): Promise<ScriptReply> {
    const now = this.now();
    if (!subject || expiresAt <= now) return write('');
    const until = field(listingFor(expiresAt, now));
    const listing = { key: indexKey(this.#prefix, subject), id, until };
    return listThenWrite(this.#client, listing, now, deadline, () => write(until));
  }

  /**
   * Takes a session that a write has ended, or given another subject, from the index where it was. Nobody waits for it:
   * where it fails, a reader does it later.
   */
  #takeOut(id: string, [subject, listing]: readonly string[]): void {
    if (!subject || !listing) return;
    takeOut(this.#client, indexKey(this.#prefix, subject), [[id, listing]]).catch(() => {});
  }

  /**
   * The records of the ids: `null` for none, and `undefined` for one that cannot be read, which is reported and hides
   * no other.
   */
  #records(ids: readonly string[], deadline: Deadline): Promise<Array<SessionRecord | null | undefined>> {
    return Promise.all(ids.map((id) => this.#find(id, deadline).catch((error: unknown) => unread(id, error))));
  }
}

function unread(id: string, error: unknown): undefined {
  const failure = isStoreError(error) ? error : redisFailure(error, 'read');
  if (failure?.code !== 'STORE_CORRUPT_RECORD') throw error;
  reportCorruptRecord(id, failure);
}
