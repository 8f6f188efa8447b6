import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OperationKind, StoreError } from '@stet/core';
import { type Answer, answerWithin } from './answer.ts';
import { clientSettings } from './client-settings.ts';
import { connectionFor } from './connection.ts';
import { decode, type Entry } from './entry.ts';
import type { Callback, MemcachedClient } from './memcached-client.ts';

/** An entry as it was read, with what it takes to replace exactly it. */
export interface Held {
  readonly key: string;
  readonly entry: Entry;
  /** The server's number for this state of the item. Numbers begin again when the server does… */
  readonly unique: string;
  /** …so that it counts on this connection only, which no server outlives. */
  readonly connection: Socket | undefined;
}

/** `unanswered`: it may have happened, and may yet happen. */
export type WriteOutcome = 'done' | 'refused' | 'unanswered';

interface Manner {
  /** How much of the time that is left to wait for an answer. */
  readonly share: number;
  readonly tries?: number;
  readonly isRepeatable?: boolean;
}

interface Asked<T> {
  readonly answer: Answer<T>;
  /** What the command was sent over, where it was open already. */
  readonly connection: Socket | undefined;
}

const mostTries = 3;

/**
 * One call of the store: its commands, and the time that they have together. A write waits for half of the time that is
 * left, so that what came of it can still be read back; a read for all of it. A command without an answer that makes sense
 * costs its connection, which may be dead or out of step.
 */
export class StoreCall {
  readonly #client: MemcachedClient;
  readonly #kind: OperationKind;
  readonly #timeoutMs: number;
  readonly #endsAt: number;
  /** A write of this call was sent and not answered: it may have happened, and may yet happen. */
  unsettled = false;

  constructor(client: MemcachedClient, kind: OperationKind, timeoutMs: number) {
    this.#client = client;
    this.#kind = kind;
    this.#timeoutMs = timeoutMs;
    this.#endsAt = performance.now() + timeoutMs;
  }

  async read(key: string): Promise<Held | null> {
    const { answer, connection } = await this.#ask(
      key,
      { share: 1, isRepeatable: true },
      (callback: Callback<unknown>) => this.#client.gets(key, callback),
    );
    if (!answer) throw this.#outOfTime();
    if ('error' in answer) throw this.#failed(answer.error);
    const found = answer.value as Record<string, unknown> | false | undefined;
    if (found === undefined) return null;
    if (found === false) throw this.#refusedBy('gets');
    if (!Object.hasOwn(found, key)) {
      connection?.destroy();
      throw this.#failed(new Error('The client gave the answer to another command.'));
    }
    if (found.cas === '0') {
      throw new StoreError('STORE_UNSUPPORTED', 'The server runs with -C, without cas, and cannot compare and set.');
    }
    const entry = decode(found[key]);
    // A value with line ends of its own, which only others write, is cut short, and its rest is left in the way of later answers.
    if (entry.kind === 'corrupt') connection?.destroy();
    return { key, entry, unique: String(found.cas), connection };
  }

  /** `refused`: the key has an item. */
  async add(key: string, value: string, lifetime: number): Promise<WriteOutcome> {
    const { answer } = await this.#write(key, (callback) => this.#client.add(key, value, lifetime, callback));
    if (!answer) return 'unanswered';
    if ('error' in answer) {
      if (isNotStored(answer.error)) return 'refused';
      throw this.#failed(answer.error);
    }
    if (!answer.value) throw this.#refusedBy('add');
    return 'done';
  }

  /** `refused`: it cannot be told that the item is still the one that was read. */
  async replace(held: Held, value: string, lifetime: number): Promise<WriteOutcome> {
    const { key, unique, connection } = held;
    if (!connection || connectionFor(this.#client, key) !== connection) return 'refused';
    const { answer } = await this.#write(
      key,
      (callback) => this.#client.cas(key, value, unique, lifetime, callback),
      // Another try would go over another connection.
      1,
    );
    if (!answer) return 'unanswered';
    if ('error' in answer) {
      if (isPassing(answer.error)) return 'refused';
      throw this.#failed(answer.error);
    }
    return this.#outcomeOf('cas', answer.value, connection);
  }

  /** `refused`: the key has no item. */
  async delete(key: string): Promise<WriteOutcome> {
    const { answer, connection } = await this.#write(key, (callback) => this.#client.del(key, callback));
    if (!answer) return 'unanswered';
    if ('error' in answer) throw this.#failed(answer.error);
    return this.#outcomeOf('delete', answer.value, connection);
  }

  /** The error of a call whose outcome cannot be found out. */
  ambiguous(cause?: unknown): StoreError {
    return new StoreError(
      'STORE_AMBIGUOUS',
      'The server did not confirm the write; it may have happened, or yet happen.',
      {
        cause,
      },
    );
  }

  async #write(key: string, send: (callback: Callback<boolean>) => void, tries = mostTries): Promise<Asked<boolean>> {
    const asked = await this.#ask(key, { share: 1 / 2, tries }, send);
    this.unsettled ||= !asked.answer;
    return asked;
  }

  /**
   * Sends a command, and again where the client would not send it: it keeps away from a server for a moment after each issue. What
   * `isRepeatable` is also sent again when its connection closed, as a server may do to one that was not used for long.
   */
  async #ask<T>(
    key: string,
    { share, tries = mostTries, isRepeatable = false }: Manner,
    send: (callback: Callback<T>) => void,
  ): Promise<Asked<T>> {
    const { retry = clientSettings.retry } = this.#client as { retry?: number };
    for (let left = tries - 1; ; left -= 1) {
      const connection = connectionFor(this.#client, key);
      const answer = await answerWithin(this.#leftMs() * share, connection, send);
      if (!answer || ('error' in answer && connection && isOutOfStep(answer.error))) {
        connection?.destroy();
        if (!isRepeatable || left === 0 || this.#leftMs() === 0) return { answer: undefined, connection };
      } else {
        const wasSent = !('error' in answer && isPassing(answer.error));
        if (wasSent || left === 0 || this.#leftMs() <= retry) return { answer, connection };
        await sleep(retry + 1);
      }
    }
  }

  /** The client tells a `SERVER_ERROR` from a plain no only by hanging up before it calls back. */
  #outcomeOf(command: string, done: boolean, connection: Socket | undefined): WriteOutcome {
    if (!done && connection?.writableEnded) throw this.#refusedBy(command);
    return done ? 'done' : 'refused';
  }

  #refusedBy(command: string): StoreError {
    return this.#failed(new Error(`The server answered ${command} with SERVER_ERROR: out of memory, or -I too small.`));
  }

  #failed(cause: unknown): StoreError {
    if (this.unsettled) return this.ambiguous(cause);
    return new StoreError('STORE_UNAVAILABLE', 'Memcached did not take the command. Nothing was written.', { cause });
  }

  #outOfTime(): StoreError {
    if (this.#kind === 'read') {
      return new StoreError(
        'STORE_TIMEOUT',
        `Memcached gave no answer within ${this.#timeoutMs} ms, or none that makes sense.`,
      );
    }
    return this.#failed(new Error(`No answer to gets within ${this.#timeoutMs} ms, or none that makes sense.`));
  }

  #leftMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }
}

/** Whether the client did not send the command, for a reason that passes. */
function isPassing(error: unknown): boolean {
  return /^Server at .* not available$|The connection pool is full$/.test((error as Error | null)?.message ?? '');
}

function isNotStored(error: unknown): boolean {
  return (error as { notStored?: boolean } | null)?.notStored === true;
}

/** Whether an error that came over a connection says that server and client have lost each other: these commands are well-formed. */
function isOutOfStep(error: unknown): boolean {
  return !isPassing(error) && !isNotStored(error);
}
