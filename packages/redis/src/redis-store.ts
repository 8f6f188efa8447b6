import { randomBytes } from 'node:crypto';
import {
  assertDraft,
  assertInstant,
  assertSessionId,
  assertSubject,
  type FrontResult,
  type FrontStore,
  type IterableStore,
  type OperationKind,
  reportCorruptRecord,
  type SessionDraft,
  type SessionRecord,
  type StoreCapabilities,
  StoreError,
  type SubjectStore,
  type UpdateResult,
  withinDeadline,
} from '@stet/core';
import { encodeBody, encodeEntry, field, foundEntry, parseEntry, recordOf } from './entry.ts';
import { read } from './read.ts';
import type { RedisClient } from './redis-client.ts';
import { failedRead } from './redis-error.ts';
import { assertOptions, type Durability, type RedisStoreOptions } from './redis-store-options.ts';
import { runScript, type ScriptReply } from './run-script.ts';
import type { Script } from './scripts.ts';
import * as scripts from './scripts.ts';
import { sessionIds } from './session-ids.ts';
import { indexKey, listing, listThenWrite } from './subject-index.ts';

type IdAndRecord = readonly [id: string, record: SessionRecord];

/**
 * Keeps sessions in Redis: one string for each. A load is one `GET`, a write one script on one key, so that it works on a single server,
 * behind Sentinel and in a cluster alike. Redis removes expired sessions by itself.
 */
export class RedisStore implements IterableStore, SubjectStore, FrontStore {
  readonly capabilities: StoreCapabilities;
  readonly #client: RedisClient;
  readonly #prefix: string;
  readonly #timeoutMs: number;
  readonly #leaseMs: number;
  readonly #durability: Durability | undefined;
  readonly #now: () => number;
  #closed = false;

  constructor({ prefix = 'sess:', ...options }: RedisStoreOptions) {
    assertOptions({ prefix, ...options });
    const {
      client,
      timeoutMs = 5_000,
      maxDataBytes = 1_048_576,
      leaseMs = 5_000,
      durability,
      now = Date.now,
    } = options;
    this.#client = client;
    this.#prefix = prefix;
    this.#timeoutMs = timeoutMs;
    this.#leaseMs = leaseMs;
    this.#durability = durability;
    this.#now = now;
    this.capabilities = Object.freeze({
      durable: true,
      shared: true,
      iterable: true,
      sweepable: false,
      bySubject: true,
      leasable: true,
      expiryGranularityMs: 1,
      maxDataBytes,
    });
  }

  async load(id: string): Promise<SessionRecord | null> {
    this.#begin(id);
    return this.#within('read', () => this.#find(id));
  }

  async create(id: string, draft: SessionDraft): Promise<SessionRecord | null> {
    this.#begin(id);
    assertDraft(draft, this.capabilities.maxDataBytes);
    const record = recordOf(draft, 1, draft.createdAt ?? this.#now());
    return this.#within('write', async () => {
      const nonce = newNonce();
      const args = [field(record.expiresAt), encodeEntry(nonce, record, this.#now())];
      const { status } = await this.#listed(id, record, () => this.#run(scripts.create, id, args, nonce));
      return status === 'created' ? record : null;
    });
  }

  async update(id: string, base: SessionRecord, draft: SessionDraft): Promise<UpdateResult> {
    this.#begin(id);
    assertDraft(draft, this.capabilities.maxDataBytes);
    const revision = base.revision + 1;
    const expiry = draft.expiresAt === base.expiresAt ? '' : field(draft.expiresAt);
    return this.#within('write', async () => {
      const args = [field(base.revision), field(revision), expiry, encodeBody(draft)];
      const { status, found, repeated } = await this.#listed(id, draft, () => this.#run(scripts.update, id, args));
      if (status === 'gone') return { status };
      if (status === 'conflict') {
        const { record: current } = foundEntry(found);
        if (!repeated || current.revision <= revision) return { status, current };
        throw new StoreError('STORE_AMBIGUOUS', 'The update may be among those that were made since.');
      }
      const [createdAt, expiresAt] = found.map(Number) as [number, number];
      const record = recordOf({ ...draft, expiresAt }, revision, createdAt);
      // A touch came in between, and the session stays longer than it was listed for.
      if (expiresAt > draft.expiresAt) await this.#listed(id, record, async () => {});
      return { status: 'updated', record };
    });
  }

  async touch(id: string, expiresAt: number): Promise<boolean> {
    this.#begin(id);
    assertInstant(expiresAt, 'expiresAt');
    return this.#within('write', async () => {
      let subject = '';
      for (;;) {
        const args = [field(expiresAt), subject];
        const { status, found } = await this.#listed(id, { subject, expiresAt }, () =>
          this.#run(scripts.touch, id, args),
        );
        if (status !== 'unlisted') return status === 'touched';
        [subject = ''] = found;
      }
    });
  }

  async delete(id: string): Promise<boolean> {
    this.#begin(id);
    return this.#within('write', async () => {
      const { status } = await this.#run(scripts.remove, id, []);
      return status === 'deleted';
    });
  }

  /** In a cluster, a record whose slot moves to another node meanwhile may be missed. */
  async *entries(): AsyncGenerator<IdAndRecord> {
    this.#assertOpen();
    const step = <T>(roundTrip: () => Promise<T>): Promise<T> => this.#within('read', roundTrip);
    for await (const ids of sessionIds(this.#client, this.#prefix, step)) yield* await this.#records(ids);
  }

  async bySubject(subject: string): Promise<IdAndRecord[]> {
    this.#assertOpen();
    assertSubject(subject);
    const key = indexKey(this.#prefix, subject);
    const ids = await this.#within('read', () => read(this.#client, 'ZRANGEBYSCORE', key, `(${this.#now()}`, '+inf'));
    const records = await this.#records(ids as string[]);
    return records.filter(([, record]) => record.subject === subject);
  }

  async loadOrLease(id: string): Promise<FrontResult> {
    this.#begin(id);
    return this.#within('write', async () => {
      const nonce = newNonce();
      const { status, found } = await this.#run(scripts.lease, id, [String(this.#leaseMs)], nonce);
      if (status === 'hit') return { status, ...foundEntry(found) };
      return status === 'leased' ? { status, token: nonce } : { status: 'busy' };
    });
  }

  async replaceIf(id: string, token: string, record: SessionRecord): Promise<string | null> {
    this.#begin(id);
    assertDraft(record, this.capabilities.maxDataBytes);
    return this.#within('write', async () => {
      const nonce = newNonce();
      const args = [field(record.expiresAt), encodeEntry(nonce, record, this.#now()), token];
      const { status } = await this.#listed(id, record, () => this.#run(scripts.replace, id, args, nonce));
      return status === 'replaced' ? nonce : null;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #begin(id: string): void {
    this.#assertOpen();
    assertSessionId(id);
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreError('STORE_CLOSED', 'The store was closed.');
  }

  #within<T>(kind: OperationKind, operation: () => Promise<T>): Promise<T> {
    return withinDeadline(this.#timeoutMs, kind, async () => {
      try {
        return await operation();
      } catch (error) {
        throw failedRead(error);
      }
    });
  }

  async #find(id: string): Promise<SessionRecord | null> {
    const record = parseEntry((await read(this.#client, 'GET', this.#prefix + id)) as string | null)?.record;
    return record && record.expiresAt > this.#now() ? record : null;
  }

  /** Runs a script on a session. What has ended is kept for as long as a repeated call may be waited for. */
  #run(script: Script, id: string, args: readonly string[], nonce: string = newNonce()): Promise<ScriptReply> {
    const common = [nonce, field(this.#now()), String(this.#timeoutMs)];
    return runScript(this.#client, {
      script,
      key: this.#prefix + id,
      args: [...common, ...args],
      durability: this.#durability,
    });
  }

  /** Writes a session that is to have an entry in the index of its subject, if it has one and does not end at once. */
  #listed<T>(
    id: string,
    { subject, expiresAt }: Pick<SessionDraft, 'subject' | 'expiresAt'>,
    write: () => Promise<T>,
  ): Promise<T> {
    const now = this.#now();
    if (!subject || expiresAt <= now) return write();
    return listThenWrite(this.#client, listing(this.#prefix, { subject, id, expiresAt }, now), write);
  }

  /** The live records of the ids. One that cannot be read is reported, and hides no other. */
  async #records(ids: readonly string[]): Promise<IdAndRecord[]> {
    const found = await this.#within('read', () => Promise.all(ids.map((id) => this.#find(id).catch(unread(id)))));
    return ids.flatMap((id, at) => {
      const record = found[at];
      return record ? [[id, record] as const] : [];
    });
  }
}

function unread(id: string): (error: unknown) => null {
  return (error) => {
    const failure = failedRead(error);
    if (failure.code !== 'STORE_CORRUPT_RECORD') throw failure;
    reportCorruptRecord(id, failure);
    return null;
  };
}

/** 96 random bits: no two writes of one session ever share a nonce. */
function newNonce(): string {
  return randomBytes(12).toString('base64url');
}
