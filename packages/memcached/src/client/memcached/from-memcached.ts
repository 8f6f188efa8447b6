import type { Socket } from 'node:net';
import type { CommandClient, Item } from '../command-client.ts';
import { WaitingRoom } from '../waiting.ts';
import { assertClient, clientSettings } from './client-settings.ts';
import { connectionFor } from './connection.ts';
import type { Callback, MemcachedClient } from './memcached-client.ts';

/** One command. */
interface Command<T, R> {
  readonly key: string;
  readonly waitMs: number;
  readonly send: (callback: Callback<T>) => void;
  /**
   * The answer in what the client called back with: `undefined` where that makes no sense. Throws where nothing was
   * executed.
   */
  readonly read: (error: unknown, value: T, connection: Socket | undefined) => R | undefined;
  /** How often it may be tried where the client does not send it. */
  readonly tries?: number;
}

const mostTries = 3;

/**
 * Commands through a client of the npm package `memcached` 2.2. Throws a `TypeError` for a client that loses values of
 * so many bytes.
 */
export function fromMemcached(client: MemcachedClient, longestValue: number): CommandClient {
  assertClient(client, longestValue);
  const commands = allCommands.get(client) ?? new MemcachedCommands(client);
  allCommands.set(client, commands);
  return commands;
}

/** One for each client, however many stores share it. */
const allCommands = new WeakMap<MemcachedClient, CommandClient>();

/**
 * The client never calls back for a connection that died under a command or for a server that stalls, may call back
 * twice, may throw, and keeps away from a server for a moment after each issue.
 */
class MemcachedCommands implements CommandClient {
  readonly #client: MemcachedClient;
  readonly #retryMs: number;
  readonly #waiting = new WaitingRoom();

  constructor(client: MemcachedClient) {
    this.#client = client;
    this.#retryMs = (client as { retry?: number }).retry ?? clientSettings.retry;
  }

  gets(key: string, waitMs: number): Promise<Item | null | undefined> {
    return this.#ask<unknown, Item | null>({
      key,
      waitMs,
      send: (callback) => this.#client.gets(key, callback),
      read(error, found, connection) {
        if (error) throw error;
        if (found === undefined) return null;
        if (found === false) throw refusedBy('gets');
        const { [key]: value, cas } = found as Record<string, unknown>;
        return value === undefined ? undefined : { value, unique: String(cas), connection };
      },
    });
  }

  add(key: string, value: string, lifetime: number, waitMs: number): Promise<boolean | undefined> {
    return this.#ask<boolean, boolean>({
      key,
      waitMs,
      send: (callback) => this.#client.add(key, value, lifetime, callback),
      read(error, isStored) {
        if (isNotStored(error)) return false;
        if (error) throw error;
        if (!isStored) throw refusedBy('add');
        return true;
      },
    });
  }

  cas(key: string, value: string, held: Item, lifetime: number, waitMs: number): Promise<boolean | undefined> {
    const { unique, connection } = held;
    if (!connection || connectionFor(this.#client, key) !== connection) return Promise.resolve(false);
    return this.#ask<boolean, boolean>({
      key,
      waitMs,
      send: (callback) => this.#client.cas(key, value, unique, lifetime, callback),
      read: (error, isStored) => !isPassing(error) && isDone('cas', error, isStored, connection),
      // Another try would go over another connection.
      tries: 1,
    });
  }

  delete(key: string, waitMs: number): Promise<boolean | undefined> {
    return this.#ask<boolean, boolean>({
      key,
      waitMs,
      send: (callback) => this.#client.del(key, callback),
      read: (error, isDeleted, connection) => isDone('delete', error, isDeleted, connection),
    });
  }

  #ask<T, R>({ key, waitMs, send, read, tries = mostTries }: Command<T, R>): Promise<R | undefined> {
    return new Promise((resolve, reject) => {
      const endsAt = performance.now() + waitMs;
      const giveUp = (connection: Socket | undefined): void => {
        connection?.destroy();
        resolve(undefined);
      };
      const attempt = (left: number): void => {
        const known = connectionFor(this.#client, key);
        const waiting = { endsAt, connection: known, giveUp: () => giveUp(known) };
        const answered: Callback<T> = (error, value) => {
          if (!this.#waiting.end(waiting)) return;
          const mayBeSent = (left > 1 && isPassing(error)) || isPoolFull(error);
          if (mayBeSent && performance.now() + this.#retryMs < endsAt) {
            setTimeout(attempt, this.#retryMs + 1, left - 1);
            return;
          }
          // Of a connection that had to be opened first. Where none could be, the error says so.
          const connection = known ?? connectionFor(this.#client, key);
          try {
            const answer = connection && isOutOfStep(error) ? undefined : read(error, value, known);
            if (answer === undefined) giveUp(connection);
            else resolve(answer);
          } catch (refusal) {
            reject(refusal);
          }
        };
        this.#waiting.begin(waiting);
        try {
          send(answered);
        } catch (error) {
          answered(error, undefined as T);
        }
      };
      attempt(tries);
    });
  }
}

/** The client tells a `SERVER_ERROR` from a plain no only by hanging up before it calls back. */
function isDone(command: string, error: unknown, value: boolean, connection: Socket | undefined): boolean {
  if (error) throw error;
  if (!value && connection?.writableEnded) throw refusedBy(command);
  return value;
}

function refusedBy(command: string): Error {
  return new Error(`The server answered ${command} with SERVER_ERROR: out of memory, or -I too small.`);
}

/** Whether the client did not send the command, for a reason that passes. */
function isPassing(error: unknown): boolean {
  return isPoolFull(error) || /^Server at .* not available$/.test(messageOf(error));
}

/** All connections are still being opened. */
function isPoolFull(error: unknown): boolean {
  return messageOf(error).endsWith('The connection pool is full');
}

function messageOf(error: unknown): string {
  return (error as Error | null | undefined)?.message ?? '';
}

function isNotStored(error: unknown): boolean {
  return (error as { notStored?: boolean } | null | undefined)?.notStored === true;
}

/**
 * Whether an error that came over a connection says that server and client have lost each other: these commands are
 * well-formed.
 */
function isOutOfStep(error: unknown): boolean {
  return Boolean(error) && !isPassing(error) && !isNotStored(error);
}
