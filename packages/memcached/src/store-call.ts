import { type Deadline, isStoreError, StoreError } from '@stet/core';
import type { CommandClient, Item } from './client/command-client.ts';
import { decode, type Entry, encode, type Placeholder, type RecordEntry } from './item/entry.ts';
import { lifetimeUntil } from './item/lifetime.ts';

/** An entry as it was read, with what it takes to replace exactly it. */
export interface Held {
  readonly key: string;
  readonly entry: Entry;
  readonly item: Item;
}

/** `unanswered`: it may have happened, and may yet happen. */
export type WriteOutcome = 'done' | 'refused' | 'unanswered';

const mostReads = 3;

/**
 * One call of the store: its commands for one key, and the time that they have together. A write waits for half of the
 * time that is left, so that what came of it can still be read back; a read for all of it.
 */
export class StoreCall {
  /** A write of this call was sent and not answered: it may have happened, and may yet happen. */
  isUnsettled = false;
  readonly #client: CommandClient;
  readonly #key: string;
  readonly #deadline: Deadline;
  readonly #now: () => number;

  constructor(client: CommandClient, key: string, deadline: Deadline, now: () => number) {
    this.#client = client;
    this.#key = key;
    this.#deadline = deadline;
    this.#now = now;
    if (deadline.kind === 'write') deadline.explain = () => this.#outOfTime();
  }

  /** Reads again where the connection closed, as a server may do to one that was not used for long. */
  read(left: number = mostReads): Promise<Held | null> {
    const found = (item: Item | null | undefined): Held | null | Promise<Held | null> => {
      if (item) return this.#heldIn(item);
      if (item === null) return null;
      if (left > 1 && this.#deadline.leftMs() > 0) return this.read(left - 1);
      throw this.#outOfTime();
    };
    return this.#client.gets(this.#key, this.#deadline.leftMs()).then(found, this.#refused);
  }

  /** `refused`: the key has an item. */
  add(entry: RecordEntry | Placeholder): Promise<WriteOutcome> {
    return this.#write((waitMs) => this.#client.add(this.#key, encode(entry), this.#lifetimeOf(entry), waitMs));
  }

  /** `refused`: it cannot be told that the item is still the one that was read. */
  replace({ item }: Held, entry: RecordEntry | Placeholder): Promise<WriteOutcome> {
    return this.#write((waitMs) => this.#client.cas(this.#key, encode(entry), item, this.#lifetimeOf(entry), waitMs));
  }

  /** `refused`: the key has no item. */
  delete(): Promise<WriteOutcome> {
    return this.#write((waitMs) => this.#client.delete(this.#key, waitMs));
  }

  /** The error of a call whose outcome cannot be found out. */
  ambiguous(cause?: unknown): StoreError {
    const message = 'Memcached did not confirm the write. The write may have happened, or may yet happen.';
    return new StoreError('STORE_AMBIGUOUS', message, { cause });
  }

  #heldIn(item: Item): Held {
    if (item.unique === '0') {
      throw new StoreError('STORE_UNSUPPORTED', 'The server runs with -C, without cas, and cannot compare and set.');
    }
    const entry = decode(item.value);
    // What others have put there may have line ends, and leave its rest in the way of later answers.
    if (entry.kind === 'corrupt') item.connection?.destroy();
    return { key: this.#key, entry, item };
  }

  #write(send: (waitMs: number) => Promise<boolean | undefined>): Promise<WriteOutcome> {
    this.#deadline.assertAhead();
    return send(this.#deadline.leftMs() / 2).then((isDone) => {
      if (isDone !== undefined) return isDone ? 'done' : 'refused';
      this.isUnsettled = true;
      return 'unanswered';
    }, this.#refused);
  }

  /** A command that the client or the server has refused was not executed. */
  readonly #refused = (error: unknown): never => {
    throw isStoreError(error) ? error : this.#failed(error);
  };

  #failed(cause?: unknown): StoreError {
    if (this.isUnsettled) return this.ambiguous(cause);
    return new StoreError('STORE_UNAVAILABLE', 'Memcached did not take the command. Nothing was written.', { cause });
  }

  #outOfTime(): StoreError {
    const { kind, timeoutMs } = this.#deadline;
    const message = `Memcached gave no answer within ${timeoutMs} ms, or none that makes sense.`;
    return kind === 'read' ? new StoreError('STORE_TIMEOUT', message) : this.#failed(new Error(message));
  }

  #lifetimeOf(entry: RecordEntry | Placeholder): number {
    return lifetimeUntil(entry.kind === 'record' ? entry.record.expiresAt : entry.endsAt, this.#now());
  }
}
